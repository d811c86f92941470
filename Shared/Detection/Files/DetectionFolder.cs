using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>
/// A folder with the boxes of many pictures:
/// <code>
/// boxes.json        everything: model, thresholds, each box with the elements of the outputs that it comes from
/// labels/NAME.txt   class, centre x, centre y, width, height of each box, as parts of the picture: YOLO's format
/// coco.json         COCO's result format
/// drawn/NAME.png    the picture with its boxes
/// </code>
/// The two JSON files are there when it is complete; without that, nothing of them.
/// </summary>
public sealed class DetectionFolder : IDisposable
{
    private readonly string _folder;
    private readonly DetectionParts _parts;
    private readonly DetectionReader _reader;
    private readonly OutputFolder _place;
    private readonly PendingFile _boxes;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private readonly SafeNames _names = new();
    private readonly CocoResults _coco = new();
    private bool _isCompleted;

    /// <summary>Makes the folder and begins its files.</summary>
    /// <param name="folder">Path of the folder; made when it is missing.</param>
    /// <param name="model">The model's file, which the results name.</param>
    /// <param name="reader">Reader of the boxes.</param>
    /// <param name="parts">Which files are written beside boxes.json.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public DetectionFolder(string folder, string model, DetectionReader reader, DetectionParts parts = DetectionParts.All)
    {
        (_folder, _parts, _reader) = (folder, parts, reader);
        _place = new OutputFolder(folder);
        try
        {
            _boxes = new PendingFile(Path.Combine(folder, "boxes.json"));
        }
        catch
        {
            _place.Dispose();
            throw;
        }

        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Indented = true, Encoder = JsonSettings.Indented.Encoder });
        Begin(model);
    }

    /// <summary>Adds the boxes of one input, and writes its label file and its drawn picture.</summary>
    /// <param name="input">The input, with its picture.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Add(DetectedInput input)
    {
        _json.WriteStartObject();
        _json.WriteString("input", input.Input.Item.Path);
        if (input.Found is { } found)
            Add(input, found);
        else
            _json.WriteString("fault", input.Fault);
        _json.WriteEndObject();
        Flush();
    }

    /// <summary>Ends the two JSON files and puts them into place.</summary>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Complete()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        Flush();
        if (_parts.HasFlag(DetectionParts.Coco))
            AtomicFile.Write(Path.Combine(_folder, "coco.json"), _coco.Write);
        _boxes.Commit();
        _place.Complete();
        _isCompleted = true;
    }

    /// <summary>Closes the folder; takes away what is in it when it was made for this and is not complete.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _boxes.Dispose();
        if (_isCompleted)
            return;
        _place.Dispose();
    }

    private void Begin(string model)
    {
        _json.WriteStartObject();
        _json.WriteString("model", model);
        _json.WriteString("layout", _reader.Layout);
        if (_reader.Classes is { } classes)
            _json.WriteNumber("classes", classes);
        Array("names", _reader.Labels, _json.WriteStringValue);
        _json.WriteNumber("confidence", _reader.Confidence);
        if (_reader.Overlap is { } overlap)
            _json.WriteNumber("overlap", overlap);
        _json.WriteBoolean("acrossClasses", _reader.AcrossClasses);
        Array("remarks", _reader.Remarks, _json.WriteStringValue);
        _json.WriteStartArray("pictures");
    }

    private void Add(DetectedInput input, Detections found)
    {
        string name = _names.Unique(input.Input.Item.Name);
        _json.WriteString("name", input.Input.Item.Name);
        _json.WriteNumber("width", found.Picture.Width);
        _json.WriteNumber("height", found.Picture.Height);
        _json.WriteString("preprocessing", found.Preprocessing.ToString());
        if (_parts.HasFlag(DetectionParts.Labels))
            _json.WriteString("labels", Put("labels", name + ".txt", path => AtomicFile.WriteText(path, LabelLines(found))));
        if (_parts.HasFlag(DetectionParts.Drawn))
            _json.WriteString("drawn", Put("drawn", name + ".png", path => Draw(path, input, found)));
        if (_parts.HasFlag(DetectionParts.Coco))
            _coco.Add(input.Input.Item.Name, found, box => CocoClasses.NumberOf(box.Class, _reader.Labels));
        _json.WriteStartArray("boxes");
        foreach (DetectedBox box in found.Boxes)
            Write(box);
        _json.WriteEndArray();
    }

    private string Put(string subfolder, string file, Action<string> write)
    {
        write(Path.Combine(_folder, subfolder, file));
        return $"{subfolder}/{file}";
    }

    private static void Draw(string path, DetectedInput input, Detections found)
    {
        using Mat drawn = BoxOverlay.Render(input.Input.Input!.Picture!, found);
        // Photographs hardly get smaller by more work.
        Cv2.ImEncode(".png", drawn, out byte[] bytes, new ImageEncodingParam(ImwriteFlags.PngCompression, 1));
        AtomicFile.WriteBytes(path, bytes);
    }

    private void Write(DetectedBox box)
    {
        _json.WriteStartObject();
        _json.WriteNumber("class", box.Class);
        _json.WriteString("label", box.Label);
        _json.WriteNumber("score", Math.Round(box.Score, 6));
        Numbers("box", [box.Box.X, box.Box.Y, box.Box.Width, box.Box.Height]);
        _json.WriteStartObject("origin");
        Write("class", box.Origin.Class);
        if (box.Origin.Objectness is { } objectness)
            Write("objectness", objectness);
        Write("box", box.Origin.Box);
        _json.WriteString("coding", JsonNamingPolicy.CamelCase.ConvertName(box.Origin.Coding.ToString()));
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Write(string name, TensorElements elements)
    {
        _json.WriteStartObject(name);
        _json.WriteString("tensor", elements.Tensor);
        _json.WritePropertyName("elements");
        _json.WriteRawValue($"[{string.Join(",", elements.Elements)}]", skipInputValidation: true);
        _json.WriteEndObject();
    }

    // Left, top, width, height in one line.
    private void Numbers(string name, double[] values)
    {
        _json.WritePropertyName(name);
        _json.WriteRawValue($"[{string.Join(",", values.Select(v => Math.Round(v, 3).ToString(CultureInfo.InvariantCulture)))}]",
            skipInputValidation: true);
    }

    private void Array(string name, IEnumerable<string> values, Action<string> write)
    {
        _json.WriteStartArray(name);
        foreach (string value in values)
            write(value);
        _json.WriteEndArray();
    }

    private void Flush()
    {
        _json.Flush();
        _boxes.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }

    private static string LabelLines(Detections found)
    {
        var lines = new StringBuilder();
        (double width, double height) = (found.Picture.Width, found.Picture.Height);
        foreach (DetectedBox box in found.Boxes)
            lines.Append(CultureInfo.InvariantCulture, $"{box.Class} {(box.Box.X + box.Box.Width / 2) / width:0.000000} ")
                .Append(CultureInfo.InvariantCulture, $"{(box.Box.Y + box.Box.Height / 2) / height:0.000000} ")
                .Append(CultureInfo.InvariantCulture, $"{box.Box.Width / width:0.000000} {box.Box.Height / height:0.000000}\n");
        return lines.ToString();
    }
}

/// <summary>Files of a <see cref="DetectionFolder"/> beside boxes.json.</summary>
[Flags]
public enum DetectionParts
{
    /// <summary>Nothing beside boxes.json.</summary>
    None = 0,

    /// <summary>labels/NAME.txt.</summary>
    Labels = 1,

    /// <summary>coco.json.</summary>
    Coco = 2,

    /// <summary>drawn/NAME.png.</summary>
    Drawn = 4,

    /// <summary>All of them.</summary>
    All = Labels | Coco | Drawn,
}
