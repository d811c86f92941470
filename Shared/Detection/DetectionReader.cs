using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>
/// Makes boxes of the outputs of a run, for whoever runs the model himself; <see cref="Detector"/> runs it, too. For several threads at
/// once.
/// </summary>
public sealed class DetectionReader
{
    private readonly RecognisedHead _head;
    private readonly DetectorOptions _options;

    private DetectionReader(RecognisedHead head, HeadFacts facts, DetectorOptions options)
    {
        (_head, _options) = (head, options);
        OnnxModel model = facts.Model;
        Labels = WithoutBackground(
            options.Labels ?? model.Card.Labels ?? (IReadOnlyList<string>?)facts.Exporter?.Names ?? head.Names, head.Classes);
        if (Labels.Count > 0 && head.Classes is { } classes && Labels.Count != classes)
            throw new BadInputException(
                $"{model.Source}: its head ({head.Layout}) tells {classes} classes apart, got {Labels.Count} names");
    }

    /// <summary>Name of the head's layout, such as YOLOX.</summary>
    public string Layout => _head.Layout;

    /// <summary>Number of classes, background left out; null where the head does not say it.</summary>
    public int? Classes => _head.Classes ?? (Labels.Count > 0 ? Labels.Count : null);

    /// <summary>Names of the classes; empty where nothing says them.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>What the model also gives and is not shown: masks, keypoints.</summary>
    public IReadOnlyList<string> Remarks => _head.Remarks;

    /// <summary>Outputs that are read.</summary>
    public IReadOnlyList<string> Tensors => _head.Tensors;

    /// <summary>Score that a box has to be above.</summary>
    public double Confidence => _options.Confidence ?? _head.Confidence;

    /// <summary>Overlap above which boxes drop one another; null where the graph has done it.</summary>
    public double? Overlap => _options.Overlap ?? _head.Overlap;

    /// <summary>Boxes of different classes drop one another, too.</summary>
    public bool AcrossClasses => _options.AcrossClasses ?? _head.AcrossClasses;

    internal bool TakesOnePicture => _head.TakesOnePicture;

    /// <summary>Recognises the head of a model; null when it is of no layout that is known, or only a run can tell.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Which boxes count; the usual ones when not given.</param>
    /// <param name="run">A run of the model on a picture, which says the shapes that the file leaves open; null for none.</param>
    /// <exception cref="BadInputException">The model card is broken, or the names do not fit the head.</exception>
    public static DetectionReader? Find(OnnxModel model, DetectorOptions? options = null, Activations? run = null) =>
        Find(Facts(model, options, run), options);

    /// <summary>Recognises a head, or says why not.</summary>
    /// <exception cref="OnnxException">No layout that is known; the message names the outputs and the layouts.</exception>
    internal static DetectionReader Require(OnnxModel model, DetectorOptions options, Activations? run) =>
        Facts(model, options, run) is var facts && Find(facts, options) is { } found ? found : throw LayoutTable.Unknown(facts);

    /// <summary>Changes what the shape of the model's input suggests to what networks of this layout are given.</summary>
    /// <param name="suggested">Preprocessing of a model without a card; only its size and number of channels count.</param>
    public InputSpec Preprocess(InputSpec suggested) => _head.Preprocessing(new InputSpec
    {
        Size = suggested.Size,
        Channels = suggested.Channels == ChannelOrder.Gray ? ChannelOrder.Gray : ChannelOrder.Rgb,
    });

    /// <summary>How networks of this layout are given their pictures, as what is taken where nobody says it.</summary>
    internal PreprocessingGuess Convention => new()
    {
        Preset = Layout,
        Reason = "its outputs are those of that detector",
        Exact = Preprocess,
    };

    /// <summary>Reads the boxes of a picture.</summary>
    /// <param name="run">A run on this picture alone, with the outputs of <see cref="Tensors"/>.</param>
    /// <param name="picture">Width and height of the picture.</param>
    /// <exception cref="BadInputException">The outputs do not have the shapes of the layout.</exception>
    /// <exception cref="ArgumentException">The run was given tensors, which say nothing of a picture.</exception>
    public Detections Read(Activations run, Size picture)
    {
        InputSpec spec = run.Preprocessing
            ?? throw new ArgumentException("Boxes need a run on a picture, got one on tensors.", nameof(run));
        IReadOnlyList<HeadLevel> levels = _head.Levels(name => run[name].Shape, spec.Size);
        List<Candidate> found = HeadDecoder.Decode(levels, run, Confidence, _options.EveryClass);
        List<Candidate> kept = Suppression.Keep(found, Overlap, AcrossClasses, _options.MaxBoxes);
        PicturePlacement placement = PicturePlacement.Of(picture, spec);
        return new Detections(picture, [.. kept.Select(candidate => (candidate, box: ToPicture(candidate.Box, placement).Within(picture)))
            .Where(found => found.box.HasArea)
            .Select(found => Named(found.candidate, found.box, levels))], spec);
    }

    /// <summary>
    /// Reads how sure the head is of each cell of its maps: its objectness, or the score of the best class in heads without one. Empty for
    /// heads whose rows are no cells, such as those that choose their boxes themselves.
    /// </summary>
    /// <param name="run">A run on one picture, with the outputs of <see cref="Tensors"/>.</param>
    /// <exception cref="ArgumentException">The run was given tensors, which say nothing of a picture.</exception>
    public IReadOnlyList<ScoreMap> MapsOf(Activations run)
    {
        InputSpec spec = run.Preprocessing
            ?? throw new ArgumentException("Maps need a run on a picture, got one on tensors.", nameof(run));
        return HeadMaps.Read(_head.Levels(name => run[name].Shape, spec.Size), run);
    }

    /// <summary>The row of the head whose box lies closest to a place, whatever its score: where a class could have been found.</summary>
    /// <param name="run">A run on this picture alone, with the outputs of <see cref="Tensors"/>.</param>
    /// <param name="picture">Width and height of the picture.</param>
    /// <param name="place">Rectangle in pixels of the network's input.</param>
    /// <param name="index">Index of the class, from 0.</param>
    /// <returns>Null where no box of that class meets the place.</returns>
    internal DetectedBox? Closest(Activations run, Size picture, Rect2d place, int index)
    {
        InputSpec spec = run.Preprocessing
            ?? throw new ArgumentException("Boxes need a run on a picture, got one on tensors.", nameof(run));
        IReadOnlyList<HeadLevel> levels = _head.Levels(name => run[name].Shape, spec.Size);
        var wanted = new BoxCorners(place.Left, place.Top, place.Right, place.Bottom);
        (Candidate Candidate, double Overlap)[] near = [.. HeadDecoder.Decode(levels, run, double.NegativeInfinity, everyClass: true)
            .Where(candidate => candidate.Class == index).Select(candidate => (candidate, BoxCorners.Overlap(wanted, candidate.Box)))
            .Where(candidate => candidate.Item2 > 0)];
        return near.Length == 0 ? null
            : near.MaxBy(n => n.Overlap).Candidate is var best
                ? Named(best, ToPicture(best.Box, PicturePlacement.Of(picture, spec)).Within(picture), levels) : null;
    }

    /// <summary>Tensors for the model's inputs beside the picture.</summary>
    /// <param name="input">Width and height of the network's input.</param>
    internal IReadOnlyDictionary<string, TensorData> Others(Size input) =>
        _head.Others?.Invoke(input) ?? ImmutableDictionary<string, TensorData>.Empty;

    // Lists of SSD and its kin begin with what is no class.
    private static IReadOnlyList<string> WithoutBackground(IReadOnlyList<string> names, int? classes) =>
        names.Count > 1 && names.Count != classes && names[0].Trim('_').Equals("background", StringComparison.OrdinalIgnoreCase)
            ? [.. names.Skip(1)]
            : names;

    private static DetectionReader? Find(HeadFacts facts, DetectorOptions? options) =>
        LayoutTable.Find(facts) is { } head ? new DetectionReader(head, facts, (options ?? new DetectorOptions()).Checked()) : null;

    private static HeadFacts Facts(OnnxModel model, DetectorOptions? options, Activations? run)
    {
        InputSpec? declared = PictureInput.Find(model.Graph) is { NeedsPictureSize: false } input ? input.Suggest(1, 1) : null;
        Dictionary<string, Activation> seen = run?.Outputs.DistinctBy(o => o.Name).ToDictionary(o => o.Name) ?? [];
        return new HeadFacts(model, run?.Preprocessing?.Size ?? declared?.Size ?? model.Card.Input?.Size,
            [.. model.Graph.Outputs.Where(o => o.Kind is OnnxValueKind.Tensor or OnnxValueKind.Undeclared).Select(o =>
                seen.TryGetValue(o.Name, out Activation? made)
                    ? new HeadOutput(o.Name, made.ElementType, [.. made.Shape.Dims.Select(d => (long?)d)])
                    : new HeadOutput(o.Name, o.ElementType, [.. o.Shape?.Select(d => d.Size) ?? []]))],
            options?.Labels?.Count);
    }

    private DetectedBox Named(Candidate candidate, BoxCorners box, IReadOnlyList<HeadLevel> levels) => new(
        box.ToRect(), candidate.Class, candidate.Class < Labels.Count ? Labels[candidate.Class] : $"class {candidate.Class}",
        candidate.Score,
        levels[candidate.Level].OriginOf(candidate.Row, candidate.Column) with
        {
            Cell = HeadMaps.CellOf(levels, candidate.Level, candidate.Row),
        });

    // The same rectangles that the picture was brought to the input with.
    private static BoxCorners ToPicture(BoxCorners box, PicturePlacement placement)
    {
        double x = (double)placement.Source.Width / placement.Target.Width, y = (double)placement.Source.Height / placement.Target.Height;
        return new BoxCorners(
            (box.X1 - placement.Target.X) * x + placement.Source.X,
            (box.Y1 - placement.Target.Y) * y + placement.Source.Y,
            (box.X2 - placement.Target.X) * x + placement.Source.X,
            (box.Y2 - placement.Target.Y) * y + placement.Source.Y);
    }
}
