using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Report;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Runs a model on inputs and writes a folder for each: pictures, numbers, report.</summary>
internal sealed class Dumper : IDisposable
{
    // What stands beside maps in a report: large enough to see, and quick.
    private const int KernelSide = 1024;
    private const long LargestKernel = 4 << 20;

    private readonly DumpOptions _options;
    private readonly IReadOnlyDictionary<string, TensorData> _others;
    private readonly ActivationSession _session;
    private readonly ModelRecord _model;
    private readonly Dictionary<string, int> _indices;
    private IReadOnlyList<OutputDifference>? _difference;
    private IReadOnlyList<KernelRecord> _kernels = [];
    private string _kernelFolder = "";

    /// <param name="modelPath">The model.</param>
    /// <param name="options">What to write.</param>
    /// <param name="others">Tensors for inputs of the model beside the main one.</param>
    public Dumper(string modelPath, DumpOptions options, IReadOnlyDictionary<string, TensorData> others)
    {
        (_options, _others) = (options, others);
        _session = ActivationSession.Open(modelPath, options.Activation);
        _model = ModelRecord.Of(_session.Model);
        _indices = _session.Model.Graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();
    }

    public ActivationSession Session => _session;

    /// <summary>Draws the weights into a folder, once; the reports of all inputs show them.</summary>
    public void WriteKernels(string folder, CancellationToken cancel)
    {
        if (!_options.Kernels)
            return;
        NetworkWeight[] weights = [.. new WeightFinder(_session.Model.Graph).All().Where(w => w.Shape.Count <= LargestKernel)];
        var look = new KernelOptions { Colormap = _options.Mosaic.Colormap, MaxSide = KernelSide };
        _kernels = new KernelWriter(folder, look, _options.Threads).Write(weights, _ => { }, cancel);
        _kernelFolder = folder;
    }

    /// <summary>One input into one folder.</summary>
    /// <param name="input">A picture or tensors.</param>
    /// <param name="folder">Its files go here; made when it is missing.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops the run, or between two tensors.</param>
    /// <exception cref="BadInputException">The input does not fit the model, or the folder cannot be written.</exception>
    public DumpManifest Dump(DumpInput input, string folder, Action<string> drawn, CancellationToken cancel)
    {
        OutputFolder.Create(folder);
        var watch = Stopwatch.StartNew();
        using Activations seen = input.Run(_session, _others, cancel);
        double runMilliseconds = watch.Elapsed.TotalMilliseconds;
        _difference ??= _session.CompareWithPlain(seen);

        TensorRecord[] tensors = WriteTensors(seen, folder, drawn, cancel);
        var manifest = new DumpManifest
        {
            Model = _model,
            Input = WriteInput(input, seen, folder),
            Preprocessing = seen.Preprocessing,
            PreprocessingSource = PreprocessingSource(seen),
            Device = _session.Device,
            Optimization = _options.Activation.Optimization,
            RunMilliseconds = Math.Round(runMilliseconds, 2),
            ExposureDifference = _difference,
            Remarks = [.. seen.Remarks],
            Scores = ClassScores.Of(seen, _session.Model.Card),
            Tensors = tensors,
            Skipped = _session.Skipped,
            LeftOut = _session.Selection.LeftOut.ToDictionary(),
            Kernels = [.. _kernels.Select(k => k with { File = Relative(folder, Path.Combine(_kernelFolder, k.File)) })],
            Raw = _options.Raw ? WriteRaw(seen, folder) : null,
        };
        AtomicFile.WriteText(Path.Combine(folder, DumpManifest.FileName), JsonSerializer.Serialize(manifest, DumpJson.Readable.DumpManifest));
        ReportPage.Write(folder, manifest);
        return manifest;
    }

    public void Dispose() => _session.Dispose();

    private TensorRecord[] WriteTensors(Activations seen, string folder, Action<string> drawn, CancellationToken cancel)
    {
        var names = new SafeNames();
        string[] channelFolders = [.. seen.Select(a => names.Unique(a.Name))];
        var writer = new TensorWriter(folder, _options, _session.Model.Card.Labels);
        var records = new TensorRecord[seen.Count];
        ParallelWork.For(seen.Count, _options.Threads, cancel, i =>
        {
            records[i] = writer.Write(_indices[seen[i].Name], seen[i], channelFolders[i]);
            drawn(seen[i].Name);
        });
        return records;
    }

    private static InputRecord WriteInput(DumpInput input, Activations seen, string folder)
    {
        long[] shape = [.. seen.Inputs[0].Shape.Dims];
        if (input.Picture is null || seen.Preprocessing is null)
            return new InputRecord(input.Path, null, null, shape, null, null);
        using Mat thumbnail = Thumbnail.Of(input.Picture);
        using Mat view = NetworkView.Of(input.Picture, seen.Preprocessing);
        return new InputRecord(input.Path, input.Picture.Width, input.Picture.Height, shape,
            Write("input.png", thumbnail), Write("input-network.png", view));

        PictureRecord Write(string file, Mat picture)
        {
            PictureFile.Write(Path.Combine(folder, file), picture);
            return new PictureRecord(file, picture.Width, picture.Height);
        }
    }

    private static string WriteRaw(Activations seen, string folder)
    {
        const string File = "activations.npz";
        AtomicFile.Write(Path.Combine(folder, File), stream =>
        {
            using var archive = new NpzWriter(stream);
            foreach (Activation activation in seen)
                archive.Add(activation.Name, activation.ElementType, activation.Shape, activation.Raw);
        });
        return File;
    }

    private string PreprocessingSource(Activations seen) => seen.Preprocessing is null ? "none: tensors were given"
        : (_session.Model.Card.Input is null ? "assumed from the model's input" : "model card")
        + (_options.Activation.Preprocessing is null ? "" : ", changed by options");

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
}
