using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Survey;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The folder of one input while it is filled. A run may come in parts; the files are the same.</summary>
internal sealed class DumpFolder : IDisposable
{
    private const string RawFile = "activations.npz";

    private readonly OutputFolder _place;
    private readonly ResultFiles? _files;
    private readonly string _folder;
    private readonly DumpOptions _options;
    private readonly OnnxModel _model;
    private readonly IReadOnlyDictionary<string, int> _indices;
    private readonly ChannelLayouts _layouts;
    private readonly IReadOnlyDictionary<string, string> _plumbing;
    private readonly TensorWriter _writer;
    private readonly SafeNames _safeNames = new();
    private readonly List<(TensorRecord Record, TensorNumbers Numbers)> _tensors = [];
    private readonly PendingFile? _raw;
    private NpzWriter? _archive;
    private PendingFile? _manifest;
    private bool _isComplete;
    private long _room;

    /// <param name="folder">Folder of the results, made when it is missing; a dump that is there does not count as complete any
    /// more.</param>
    /// <param name="options">Choice of files.</param>
    /// <param name="model">Model that makes the tensors.</param>
    /// <param name="indices">Place of each tensor among all of the model.</param>
    /// <param name="layouts">Axis of the channels of each tensor.</param>
    /// <param name="labels">Names of the classes; null where nothing names them.</param>
    /// <param name="plumbing">Tensors without features, and their kinds.</param>
    /// <exception cref="BadInputException">The folder cannot be written.</exception>
    public DumpFolder(string folder, DumpOptions options, OnnxModel model, IReadOnlyDictionary<string, int> indices,
        ChannelLayouts layouts, IReadOnlyList<string>? labels, IReadOnlyDictionary<string, string> plumbing)
    {
        (_folder, _options, _model, _indices, _layouts, _plumbing) = (folder, options, model, indices, layouts, plumbing);
        _room = options.Values;
        _place = new OutputFolder(folder);
        try
        {
            _files = ResultFiles.Reopen(folder);
            _writer = new TensorWriter(folder, options, labels);
            _raw = options.Raw ? new PendingFile(Path.Combine(folder, RawFile)) : null;
            _raw?.Write(stream => _archive = new NpzWriter(stream));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IEnumerable<TensorRecord> Tensors => _tensors.Select(t => t.Record);

    public ClassScores? Scores { get; private set; }

    public InputRecord? Input { get; private set; }

    /// <summary>The first output that is a picture itself; null where none is.</summary>
    public WrittenPicture? Output { get; private set; }

    /// <summary>What a detector found; null for a model that is none.</summary>
    public BoxesRecord? Boxes { get; private set; }

    /// <summary>Measurements for the survey; null when there is none.</summary>
    public SurveyedPicture? Surveyed { get; set; }

    /// <summary>Draws the tensors of a run, or of a part of it.</summary>
    /// <param name="part">Tensors of this input alone.</param>
    /// <param name="input">The input, which is drawn, too, with the first part.</param>
    /// <param name="mainInput">Name of the model's input that it went to.</param>
    /// <param name="threads">Threads that draw.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <returns>Statistics of the tensors, in the part's order.</returns>
    public IReadOnlyList<TensorNumbers> Add(Activations part, ModelInput input, string mainInput, int threads, Action<string> drawn,
        CancellationToken cancel)
    {
        string[] safeNames = [.. part.Select(a => _safeNames.Unique(a.Name))];
        var records = new TensorRecord[part.Count];
        var numbers = new TensorNumbers[part.Count];
        TensorPlan[] plans = Plan(part, numbers, threads, cancel);
        // The picture of the input is one more thing to draw.
        ParallelWork.For(part.Count + 1, threads, cancel, i =>
        {
            if (i == part.Count)
            {
                Input ??= WriteInput(input, part, mainInput);
                return;
            }

            (ChannelLayout layout, string? reason) = _layouts.Of(part[i].Name, part[i].Shape.Rank);
            numbers[i] ??= TensorNumbers.Of(part[i], layout);
            records[i] = _writer.Write(_indices[part[i].Name], part[i], layout, numbers[i], safeNames[i], plans[i]) with
            {
                Layout = reason is null ? null : LayoutNames.Of(layout, part[i].Shape.Rank),
                LayoutReason = reason,
                Plumbing = PlumbingOf(part[i]),
            };
            drawn(part[i].Name);
        });
        _tensors.AddRange(records.Zip(numbers));
        Scores = First(Scores, part.Scores);
        Output ??= WriteOutput(part);
        if (Boxes is null && _options.Has(DumpParts.Report))
            Boxes = DetectedInput.Write(_model, _options.Activation.Labels, part, input.Picture, _folder);
        _raw?.Write(_ =>
        {
            foreach (Activation activation in part)
                _archive!.Add(activation.Name, activation.ElementType, activation.Shape, activation.Raw);
        });
        return numbers;
    }

    /// <summary>Writes the table of all numbers and the end of their archive, when all parts were there.</summary>
    /// <returns>Name of the archive; null when none was asked for.</returns>
    public string? Finish()
    {
        if (_options.Has(DumpParts.Stats))
            StatisticsFile.Write(_folder, _tensors);
        if (_raw is null)
            return null;
        _raw.Write(_ => _archive!.Dispose());
        _archive = null;
        _raw.Commit();
        return RawFile;
    }

    /// <summary>Lists the files of the dump so far, from its folder on.</summary>
    public string[] Files() => _files!.Made();

    /// <summary>Writes the manifest, which gets into its place when the dump is complete.</summary>
    public void WriteManifest(DumpManifest manifest)
    {
        _manifest = new PendingFile(Path.Combine(_folder, DumpManifest.FileName));
        _manifest.Write(stream => JsonSerializer.Serialize(stream, manifest, ManifestJson.Readable.DumpManifest));
    }

    /// <summary>Keeps the dump. The manifest is its last file: where it is, everything is.</summary>
    public void Complete()
    {
        _manifest!.Commit();
        _isComplete = true;
        _files!.Complete();
        _place.Complete();
    }

    // An archive that is not finished is thrown away as it is, and a dump that is not, with its folder.
    public void Dispose()
    {
        _raw?.Dispose();
        _manifest?.Dispose();
        if (!_isComplete)
            TakeBack();
        _place.Dispose();
    }

    // A run knows shapes that the file does not tell.
    private string? PlumbingOf(Activation tensor) => _plumbing.GetValueOrDefault(tensor.Name)
        ?? (Plumbing.IsScalar(tensor.Shape) && _model.Graph.Outputs.All(output => output.Name != tensor.Name) ? Plumbing.Scalar : null);

    private void TakeBack()
    {
        try
        {
            _files?.TakeBack();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Why the dump is not complete is told by whoever made it; that something is left is the lesser news.
        }
    }

    // Which tensors get their values into the report, and a picture of all channels. Measures all of them first only where not all have
    // room.
    private TensorPlan[] Plan(Activations part, TensorNumbers[] numbers, int threads, CancellationToken cancel)
    {
        bool hasReport = _options.Has(DumpParts.Report);
        long[] sizes = [.. part.Select(a => hasReport ? ValueFiles.SizeOf(a.Shape, _layouts.Of(a.Name, a.Shape.Rank).Layout) : 0)];
        bool[] chosen = ValueFiles.Choose(sizes, Strengths, _room);
        for (int i = 0; i < sizes.Length; i++)
            _room -= chosen[i] ? sizes[i] : 0;
        HashSet<int> stages = hasReport && _options.PcaOfStages
            ? [.. FlowStages.Of([.. part.Select(MapsOf)], (part.Preprocessing?.Height ?? 0, part.Preprocessing?.Width ?? 0))]
            : [];
        return [.. chosen.Select((withValues, i) => new TensorPlan(withValues, stages.Contains(i)))];

        double[] Strengths()
        {
            ParallelWork.For(part.Count, threads, cancel, i =>
                numbers[i] = TensorNumbers.Of(part[i], _layouts.Of(part[i].Name, part[i].Shape.Rank).Layout));
            return Array.ConvertAll(numbers, n => n.Whole.Std);
        }
    }

    private MapsRecord? MapsOf(Activation tensor)
    {
        var maps = FeatureMaps.Of(checked((int)tensor.Shape.Count), tensor.Shape, 0, _layouts.Of(tensor.Name, tensor.Shape.Rank).Layout);
        return maps.IsVector || maps.Count == 0 ? null : new MapsRecord(maps.Count, maps.Height, maps.Width, null);
    }

    // Of two outputs that could be scores one with names counts, else the model's first one, also when another part made it.
    private ClassScores? First(ClassScores? before, ClassScores? now)
    {
        if (before is null || now is null)
            return before ?? now;
        if (before.Names is null != now.Names is null)
            return before.Names is null ? now : before;
        return _model.Graph.Outputs.First(o => o.Name == before.Tensor || o.Name == now.Tensor).Name == now.Tensor ? now : before;
    }

    private InputRecord WriteInput(ModelInput input, Activations seen, string mainInput)
    {
        long[] shape = [.. seen.Inputs.FirstOrDefault(i => i.Name == mainInput)?.Shape.Dims ?? []];
        if (input.Picture is null || seen.Preprocessing is null)
            return new InputRecord(input.Path, null, null, shape, null, null);
        using Mat thumbnail = Thumbnail.Of(input.Picture);
        using Mat view = NetworkView.Of(input.Picture, seen.Preprocessing);
        // What was made smaller is not exact any more, and a photograph is a tenth as a JPEG.
        string ending = thumbnail.Size() == input.Picture.Size() ? ".png" : ".jpg";
        return new InputRecord(input.Path, input.Picture.Width, input.Picture.Height, shape,
            Write($"input{ending}", thumbnail), Write("input-network.png", view));
    }

    private WrittenPicture? WriteOutput(Activations part)
    {
        if (part.Preprocessing is not { } spec || !_options.Has(DumpParts.Report))
            return null;
        foreach (Activation output in part.Outputs)
        {
            using Mat? picture = OutputPicture.Of(output, spec);
            if (picture is not null)
                return Write("output.png", picture);
        }

        return null;
    }

    private WrittenPicture Write(string file, Mat picture)
    {
        PictureFile.Write(Path.Combine(_folder, file), picture);
        return new WrittenPicture(file, picture.Width, picture.Height);
    }
}
