using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>
/// Finds boxes in pictures with any ONNX detector whose head is known: picture in, boxes in its own pixels out. Several threads may
/// share a detector; their runs wait for one another.
/// </summary>
public sealed class Detector : IDisposable
{
    // Of the picture that is run where the file leaves shapes open.
    private const int ProbeSide = 640;

    private readonly ActivationSession _session;
    private readonly OnnxModel _model;
    private readonly DetectorOptions _options;
    private readonly DetectionReader _reader;

    private Detector(OnnxModel model, DetectorOptions options)
    {
        (_model, _options) = (model, options.Checked());
        if (PictureInput.Find(model.Graph) is null)
            throw new BadInputException(
                $"{model.Source}: takes no picture; its inputs are {string.Join(", ", model.Graph.Inputs)}");
        DetectionReader? declared = DetectionReader.Find(model, options);
        // Shapes that are all declared tell as much as a run.
        if (declared is null && model.Graph.Outputs.All(o => o.Shape is { } shape && shape.Skip(1).All(d => d.Size is not null))
            && PictureInput.Find(model.Graph) is { NeedsPictureSize: false })
            _ = DetectionReader.Require(model, options, null);
        _session = ActivationSession.Open(model, new ActivationOptions
        {
            Tensors = declared?.Tensors ?? [.. model.Graph.Outputs.Select(o => o.Name)],
            Preprocessing = Preprocess,
            Device = options.Device,
            Threads = options.Threads,
            SharesProcessor = true,
        });
        try
        {
            _reader = declared ?? Probe();
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>What reads the boxes: layout, classes, thresholds.</summary>
    public DetectionReader Reader => _reader;

    /// <summary>The device that is really used: CPU, or CUDA with its index.</summary>
    public string Device => _session.Device;

    /// <summary>Why it is not another device; null when there is nothing to say.</summary>
    public string? DeviceRemark => _session.DeviceRemark;

    /// <summary>Reads a model, recognises its head and opens it.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="options">Which boxes count, and how it runs.</param>
    /// <exception cref="BadInputException">
    /// The model is broken, or its head is of no layout that is known: the message names its outputs and the layouts.
    /// </exception>
    public static Detector Open(string path, DetectorOptions? options = null) => Open(OnnxModel.Read(path), options);

    /// <inheritdoc cref="Open(string, DetectorOptions?)"/>
    /// <param name="model">The model.</param>
    /// <param name="options">Which boxes count, and how it runs.</param>
    public static Detector Open(OnnxModel model, DetectorOptions? options = null) => new(model, options ?? new DetectorOptions());

    /// <summary>Finds the boxes in a picture.</summary>
    /// <param name="picture">Gray, BGR or BGRA as OpenCV reads it; stays the caller's.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    public Detections Detect(Mat picture, CancellationToken cancel = default)
    {
        using Activations seen = _session.Run([picture], _reader.Others(PreprocessingFor(picture.Size()).Size), cancel);
        using Activations one = seen.OfSample(0);
        return _reader.Read(one, picture.Size());
    }

    /// <summary>Says how a picture becomes the network's input.</summary>
    /// <param name="picture">Width and height of the picture.</param>
    public InputSpec PreprocessingFor(Size picture) => _session.SpecFor(picture);

    /// <summary>Finds the boxes in many inputs; the next ones are read and run while one is used.</summary>
    /// <param name="items">The inputs, such as <see cref="InputList.Items"/> gives them.</param>
    /// <param name="batch">Pictures in a run, as far as the model takes so many.</param>
    /// <param name="cancel">Stops the walk, also within a run.</param>
    /// <returns>A result for each input, in order; its picture is there until the next is asked for.</returns>
    public IEnumerable<DetectedInput> Walk(IEnumerable<InputItem> items, int batch = 1, CancellationToken cancel = default)
    {
        var walk = new InputWalk(_session)
        {
            Batch = _reader.TakesOnePicture ? 1 : batch,
            Others = _reader.Others(PreprocessingFor(new Size(ProbeSide, ProbeSide)).Size),
        };
        foreach (InputRun run in walk.Runs(items, cancel))
        {
            using InputRun done = run;
            for (int sample = 0; sample < run.Inputs.Count; sample++)
                yield return Read(run, sample);
        }
    }

    /// <summary>Frees the session.</summary>
    public void Dispose() => _session.Dispose();

    private DetectedInput Read(InputRun run, int sample)
    {
        ReadInput input = run.Inputs[sample];
        if (run.Seen is not { } seen)
            return new DetectedInput(input, null, 0, run.Fault);
        if (input.Input?.Picture is not { } picture)
            return new DetectedInput(input, null, 0, $"{input.Item.Path}: holds tensors, expected a picture, in which boxes have a place");
        try
        {
            using Activations one = seen.OfSample(sample);
            return new DetectedInput(input, _reader.Read(one, picture.Size()), run.Milliseconds / run.Inputs.Count, null);
        }
        catch (BadInputException fault)
        {
            return new DetectedInput(input, null, 0, fault.Message);
        }
    }

    // Where the file leaves shapes open, a run tells them.
    private DetectionReader Probe()
    {
        using var gray = new Mat(ProbeSide, ProbeSide, MatType.CV_8UC3, Scalar.All(114));
        using Activations seen = _session.Run(gray);
        return DetectionReader.Require(_model, _options, seen);
    }

    // Card and options say more than the layout; while it is probed, there is no layout yet.
    private InputSpec Preprocess(InputSpec spec)
    {
        InputSpec usual = _model.Card.Input is null && _reader is not null ? _reader.Preprocess(spec) : spec;
        return _options.Preprocessing?.Invoke(usual) ?? usual;
    }
}

/// <summary>Boxes of one of many inputs, or why there are none.</summary>
/// <param name="Input">The input; its picture is there until the next result is asked for.</param>
/// <param name="Found">The boxes; null when there is a fault.</param>
/// <param name="Milliseconds">Time of the network for this picture, in milliseconds.</param>
/// <param name="Fault">Reason why there are no boxes, in one line: it cannot be read, or does not fit.</param>
public sealed record DetectedInput(ReadInput Input, Detections? Found, double Milliseconds, string? Fault);
