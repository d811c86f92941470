using System.Collections.Immutable;
using System.Text.Json;

namespace CnnOnnx.Detection;

/// <summary>
/// The part of a model card that an ONNX file cannot say of a Darknet head, under the key cnnonnx.detection: anchors, strides, how
/// boxes are coded.
/// </summary>
/// <param name="Layout">Kind of head: yolov2, yolov2-raw, yolov3 or yolov4.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Heads">The heads, in the order of the file.</param>
internal sealed record HeadCard(string Layout, int Classes, ImmutableArray<AnchoredHead> Heads)
{
    public const string Key = "cnnonnx.detection";

    private const int MostClasses = 100_000;

    // What becomes of the classes. YOLOv2's [region] has a softmax, or nothing when its cfg says softmax=0.
    private static readonly Dictionary<string, ScoreActivation> Layouts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["yolov2"] = ScoreActivation.Softmax,
        ["yolov2-raw"] = ScoreActivation.None,
        ["yolov3"] = ScoreActivation.Sigmoid,
        ["yolov4"] = ScoreActivation.Sigmoid,
    };

    /// <summary>Function that makes shares of the numbers of the classes, where the network has not done it (new_coords).</summary>
    public ScoreActivation ClassActivation => Layouts[Layout];

    /// <summary>Reads the card; null when there is none.</summary>
    /// <exception cref="OnnxException">It is not the JSON that is expected.</exception>
    public static HeadCard? Of(IReadOnlyDictionary<string, string> metadata, string source)
    {
        if (!metadata.TryGetValue(Key, out string? text))
            return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            JsonElement card = json.RootElement;
            string layout = card.GetProperty("layout").GetString() ?? "";
            return new HeadCard(layout, card.GetProperty("classes").GetInt32(),
                [.. card.GetProperty("heads").EnumerateArray().Select(head => ReadHead(head, IsRegion(layout)))]).Checked();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new OnnxException(source, $"its model card is broken: {Key} is not the JSON that is expected ({fault.Message})", fault);
        }
    }

    // Darknet writes the anchors of [region] in cells, those of [yolo] in pixels.
    private static AnchoredHead ReadHead(JsonElement head, bool isRegion)
    {
        int stride = head.GetProperty("stride").GetInt32(), unit = isRegion ? stride : 1;
        return new AnchoredHead(
            head.GetProperty("tensor").GetString() ?? "",
            stride,
            [.. head.GetProperty("anchors").EnumerateArray().Select(pair => (pair[0].GetDouble() * unit, pair[1].GetDouble() * unit))],
            head.TryGetProperty("scale_x_y", out JsonElement scale) ? scale.GetDouble() : 1,
            head.TryGetProperty("new_coords", out JsonElement coordinates) && coordinates.GetBoolean());
    }

    private static bool IsRegion(string layout) => layout.Contains("v2", StringComparison.OrdinalIgnoreCase);

    private HeadCard Checked()
    {
        if (!Layouts.ContainsKey(Layout))
            throw new JsonException($"layout is '{Layout}', expected one of {string.Join(", ", Layouts.Keys)}");
        if (Classes is < 1 or > MostClasses)
            throw new JsonException($"classes is {Classes}, expected 1 to {MostClasses}");
        if (Heads.IsEmpty)
            throw new JsonException("heads is empty");
        foreach (AnchoredHead head in Heads)
            if (head.Anchors.IsEmpty || head.Stride < 1
                || head.Anchors.Any(a => !(a.Width > 0 && a.Height > 0 && double.IsFinite(a.Width + a.Height))))
                throw new JsonException($"head '{head.Tensor}' has stride {head.Stride} and {head.Anchors.Length} anchors, "
                    + "expected a stride from 1 on and anchors with sides above 0");
        return this;
    }
}

/// <summary>One output of a Darknet detector: [N, anchors·(5 + classes), H, W].</summary>
/// <param name="Tensor">Name of the output.</param>
/// <param name="Stride">Pixels of the input for each cell.</param>
/// <param name="Anchors">Width and height of each anchor, in pixels of the input.</param>
/// <param name="ScaleXy">Darknet's scale_x_y.</param>
/// <param name="NewCoordinates">Darknet's new_coords: the sigmoid is in the network.</param>
internal sealed record AnchoredHead(
    string Tensor, int Stride, ImmutableArray<(double Width, double Height)> Anchors, double ScaleXy, bool NewCoordinates);
