using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Interchange;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Statistics;
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
    private readonly string _folder;
    private IReadOnlyList<KernelRecord>? _kernels;

    /// <param name="modelPath">The model.</param>
    /// <param name="options">What to write.</param>
    /// <param name="others">Tensors for inputs of the model beside the main one.</param>
    /// <param name="folder">Of all results; the kernels, which every report shows, go here once.</param>
    public Dumper(string modelPath, DumpOptions options, IReadOnlyDictionary<string, TensorData> others, string folder)
    {
        (_options, _others, _folder) = (options, others, folder);
        _session = ActivationSession.Open(modelPath, options.Activation);
        _model = ModelRecord.Of(_session.Model);
        Survey = options.Survey ? new ChannelSurvey(_session.Model.Graph) : null;
        _indices = _session.Model.Graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();
    }

    public ActivationSession Session => _session;

    /// <summary>Of all channels over all inputs; null for a single one.</summary>
    public ChannelSurvey? Survey { get; }

    /// <summary>One input into one folder.</summary>
    /// <param name="input">A picture or tensors.</param>
    /// <param name="folder">Its files go here, which is the folder of all results or one in it; made when it is missing.</param>
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
        _kernels ??= WriteKernels(seen.Preprocessing, cancel);

        (TensorRecord[] tensors, TensorNumbers[] numbers) = WriteTensors(seen, folder, drawn, cancel);
        StatisticsFile.Write(folder, [.. tensors.Zip(numbers)]);
        Survey?.Add(input.Path, seen, numbers);
        var manifest = new DumpManifest
        {
            Model = _model,
            Input = WriteInput(input, seen, _session.MainInput, folder),
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
            Kernels = [.. _kernels.Select(k => k with { File = Relative(folder, Path.Combine(_folder, k.File)) })],
            Raw = _options.Raw ? WriteRaw(seen, folder) : null,
        };
        AtomicFile.WriteText(Path.Combine(folder, DumpManifest.FileName), JsonSerializer.Serialize(manifest, DumpJson.Readable.DumpManifest));
        if (_options.Interchange)
            WriteInterchange(folder, manifest);
        ReportPage.Write(folder, manifest);
        return manifest;
    }

    public void Dispose() => _session.Dispose();

    private (TensorRecord[], TensorNumbers[]) WriteTensors(Activations seen, string folder, Action<string> drawn, CancellationToken cancel)
    {
        var names = new SafeNames();
        string[] safeNames = [.. seen.Select(a => names.Unique(a.Name))];
        var writer = new TensorWriter(folder, _options, _session.Model.Card.Labels);
        var records = new TensorRecord[seen.Count];
        var numbers = new TensorNumbers[seen.Count];
        ParallelWork.For(seen.Count, _options.Threads, cancel, i =>
        {
            numbers[i] = TensorNumbers.Of(seen[i]);
            records[i] = writer.Write(_indices[seen[i].Name], seen[i], numbers[i], safeNames[i]);
            drawn(seen[i].Name);
        });
        return (records, numbers);
    }

    private IReadOnlyList<KernelRecord> WriteKernels(InputSpec? preprocessing, CancellationToken cancel)
    {
        if (!_options.Kernels)
            return [];
        var users = _session.Tensors.Select(name => _session.Model.Graph.Producer(name)).ToHashSet();
        NetworkWeight[] weights = [.. new WeightFinder(_session.Model.Graph).All()
            .Where(w => w.Shape.Count <= LargestKernel && users.Contains(w.User))];
        var look = new KernelOptions
        {
            Colormap = _options.Mosaic.Colormap,
            InputChannels = preprocessing?.Channels ?? ChannelOrder.Gray,
            MaxSide = KernelSide,
        };
        return new KernelWriter(_folder, look, _options.Threads).Write(weights, _ => { }, cancel);
    }

    private static InputRecord WriteInput(DumpInput input, Activations seen, string mainInput, string folder)
    {
        long[] shape = [.. seen.Inputs.FirstOrDefault(i => i.Name == mainInput)?.Shape.Dims ?? []];
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

    private void WriteInterchange(string folder, DumpManifest manifest)
    {
        NetronAttachment.Write(folder, manifest);
        ModelExplorerData.Write(folder, _session.Model.Graph.Name, manifest);
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

    private string PreprocessingSource(Activations seen) => seen.Preprocessing is null ? "tensors were given"
        : (_session.Model.Card.Input is null ? "assumed from the model's input" : "model card")
        + (_options.Activation.Preprocessing is null ? "" : ", changed by options");

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
}
