using System.Globalization;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Reads what a user wants explained and finds the numbers of a run that it means:
/// <code>
/// top                    the class that wins; of a detector the surest box
/// 281                    a class by its index
/// tabby                  a class by its name, or one of its synonyms
/// tabby-tiger cat        one class rather than another; any two targets may be subtracted
/// box:0                  a box of a detector, the surest is 0; box:all for each box
/// box:0.w                a part of it: .x .y .w .h .obj .cls
/// at:10,20,80,60=dog     a class at a place where no box came out, in pixels of the picture
/// region:10,20,80,60=sky a class over a part of a map of classes, in pixels of the picture
/// output[0,3,7]          any number of any tensor; negative indices count from the end
/// </code>
/// Of a classifier the score before softmax or sigmoid is taken, since the gradient behind it vanishes where the network is sure.
/// </summary>
public sealed class TargetResolver
{
    private readonly OnnxModel _model;
    private readonly LabelIndex _labels;

    /// <summary>Looks for the outputs that targets can speak of.</summary>
    /// <param name="model">The model; local functions are inlined here.</param>
    /// <param name="labels">One name a class; those of the model card when not given.</param>
    public TargetResolver(OnnxModel model, IReadOnlyList<string>? labels = null) =>
        (_model, _labels) = (model.Inlined, new LabelIndex(labels ?? model.Card.Labels ?? []));

    /// <summary>Names of the tensors that a run has to keep so that these targets can be found in it.</summary>
    /// <param name="targets">Targets as <see cref="Split"/> gives them.</param>
    public IReadOnlyList<string> Tensors(IEnumerable<string> targets)
    {
        string[] outputs = [.. _model.Graph.Outputs.Select(output => output.Name)];
        string[] named = [.. targets.Select(TargetList.Element).OfType<(string Tensor, string Index)>().Select(element => element.Tensor)
            .Where(name => _model.Graph.Producer(name) is not null || _model.Graph.Inputs.Any(input => input.Name == name))];
        return [.. ElementTrace.Needed(_model.Graph, outputs.Concat(named))
            .Union(outputs.Select(output => ClassifierHead.LogitsOf(_model, output)))
            .Where(name => !_model.Graph.Initializer.ContainsKey(name) && _model.Graph.Producer(name) is not { OpType: "Constant" })];
    }

    /// <summary>Takes a list of targets apart; commas in brackets, rectangles and labels separate nothing.</summary>
    /// <param name="list">Targets with commas between them.</param>
    public IReadOnlyList<string> Split(string list) => TargetList.Split(list, text => _labels.Knows(text) || Difference(text) is not null);

    /// <summary>Finds the numbers that a target means.</summary>
    /// <param name="target">One target; box:all gives several.</param>
    /// <param name="scene">A run that has kept <see cref="Tensors"/>.</param>
    /// <exception cref="BadInputException">It means nothing in this run: what was got, what was expected, and what comes close.</exception>
    public IReadOnlyList<AttributionTarget> Resolve(string target, TargetScene scene)
    {
        string text = target.Trim();
        if (text.Length == 0)
            throw new BadInputException("a target is empty, expected one such as top, 281, a label, box:0 or output[0,3]");
        if (Prefixed(text, "box:") is { } box)
            return BoxTargets.Of(box, scene);
        if (Prefixed(text, "at:") is { } place)
            return [PlaceTargets.At(place, scene, RequireClass)];
        if (Prefixed(text, "region:") is { } region)
            return [PlaceTargets.Region(region, scene, RequireOutput(scene), name => RequireClass(name, RequireOutput(scene).Classes),
                _labels)];
        if (scene.Detected is { } detected && OfDetector(text, scene, detected) is { } known)
            return [known];
        if (text.Equals("top", StringComparison.OrdinalIgnoreCase))
            return [ClassTargets.Top(RequireOutput(scene), scene, _labels)];
        if (TargetList.Element(text) is var (tensor, index) && !_labels.Knows(text))
            return [ElementOf(tensor, index, scene)];
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) || _labels.Knows(text))
            return [ClassTargets.Of(RequireClass(text, RequireOutput(scene).Classes), RequireOutput(scene), scene, _labels)];
        if (Difference(text) is var (more, less))
            return [Rather(Resolve(more, scene)[0], Resolve(less, scene)[0])];
        throw Unknown(text, scene);
    }

    /// <summary>The scores of the classes in a run; null for a model that has none, or one of each place as a detector has.</summary>
    internal ClassReading? Read(TargetScene scene) =>
        scene.Detected is not null ? null
        : ClassOutput.Find(_model, scene, _labels.Count) is { } output ? ClassReading.Of(output, scene, _labels) : null;

    /// <summary>One target rather than another: the difference of the two numbers.</summary>
    /// <param name="more">Target that counts for it.</param>
    /// <param name="less">Target that counts against it.</param>
    public static AttributionTarget Rather(AttributionTarget more, AttributionTarget less) => new(
        $"{more.Name} − {less.Name}", $"{more.Description}, minus {less.Description}",
        [.. more.Terms, .. less.Terms.Select(term => term with { Weight = -term.Weight })]);

    // A detector has no score of a class for the whole picture: its surest box stands for it.
    private AttributionTarget? OfDetector(string text, TargetScene scene, DetectedScene detected) =>
        text.Equals("top", StringComparison.OrdinalIgnoreCase) ? BoxTargets.Surest(scene, detected)
        : _labels.Knows(text) ? BoxTargets.OfClass(_labels.Short(_labels.Find(text)!.Value), scene, detected)
        : null;

    private static string? Prefixed(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !text.Contains("-box:", StringComparison.OrdinalIgnoreCase)
            ? text[prefix.Length..] : null;

    // The one place of a '-' where both sides mean something; labels have some of their own.
    private (string More, string Less)? Difference(string text)
    {
        for (int i = text.IndexOf('-'); i > 0 && i < text.Length - 1; i = text.IndexOf('-', i + 1))
            if (IsKnown(text[..i].Trim()) && IsKnown(text[(i + 1)..].Trim()))
                return (text[..i].Trim(), text[(i + 1)..].Trim());
        return null;
    }

    private bool IsKnown(string text) => text.Equals("top", StringComparison.OrdinalIgnoreCase)
        || (text.Length > 0 && text.All(char.IsAsciiDigit)) || _labels.Knows(text)
        || text.StartsWith("box:", StringComparison.OrdinalIgnoreCase)
        || (TargetList.Element(text) is var (tensor, _) && Exists(tensor));

    private bool Exists(string tensor) =>
        _model.Graph.Producer(tensor) is not null || _model.Graph.Inputs.Any(input => input.Name == tensor);

    private ClassOutput RequireOutput(TargetScene scene) => ClassOutput.Find(_model, scene, _labels.Count)
        ?? throw new BadInputException($"{_model.Source}: no output has scores of classes; "
            + $"expected a target such as {_model.Graph.Outputs[0].Name}[0,0]");

    private int RequireClass(string text, int classes)
    {
        int index = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : _labels.Find(text)
            ?? throw new BadInputException($"'{text}' is no class of {_model.Source}; "
                + (_labels.Count == 0 ? $"it names none, expected an index from 0 to {classes - 1} (--labels gives names)"
                    : _labels.Offer(text) is { Length: > 0 } offer ? offer
                    : $"expected an index from 0 to {classes - 1} or a label"));
        // One score for two classes: the second is what the score speaks for.
        int most = classes == 1 && _labels.Count == 2 ? 2 : classes;
        return index < most ? index
            : throw new BadInputException($"target {text} is out of range: {_model.Source} has {classes} classes, "
                + $"expected 0 to {most - 1}");
    }

    private AttributionTarget ElementOf(string tensor, string numbers, TargetScene scene)
    {
        if (!Exists(tensor))
        {
            string offer = NearestNames.Offer(tensor, _model.Graph.NodeOutputs);
            throw new BadInputException($"{_model.Source}: has no tensor '{tensor}'{(offer.Length > 0 ? $"; {offer}" : "")}");
        }

        TensorShape shape = scene.ShapeOf(tensor)
            ?? throw new BadInputException($"{_model.Source}: the run did not keep tensor '{tensor}', so no number of it can be a target");
        string[] parts = [.. numbers.Split(',').Select(part => part.Trim()).Where(part => part.Length > 0)];
        long[] index = new long[parts.Length];
        if (parts.Length != shape.Rank)
            throw new BadInputException($"target '{tensor}[{numbers}]' has {parts.Length} indices, "
                + $"'{tensor}' is {shape} and needs {shape.Rank}");
        for (int axis = 0; axis < parts.Length; axis++)
        {
            if (!long.TryParse(parts[axis], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long place)
                || place < -shape[axis] || place >= shape[axis])
                throw new BadInputException($"target '{tensor}[{numbers}]': '{parts[axis]}' is out of range on axis {axis} of {shape}, "
                    + $"expected 0 to {shape[axis] - 1}");
            index[axis] = place < 0 ? place + shape[axis] : place;
        }

        string name = $"{tensor}[{string.Join(',', index)}]";
        return new AttributionTarget(name, $"number {name} of {shape}", [new TargetTerm(tensor, index, 1)]);
    }

    private BadInputException Unknown(string text, TargetScene scene)
    {
        string offer = _labels.Offer(text);
        int? classes = ClassOutput.Find(_model, scene, _labels.Count)?.Classes;
        return new BadInputException($"target '{text}' is no class, box or tensor of {_model.Source}; "
            + (offer.Length > 0 ? offer
                : $"expected top, {(classes is { } count ? $"0 to {count - 1}, " : "")}{(_labels.Count > 0 ? "a label, " : "")}"
                    + $"A-B, box:K, at:x,y,w,h=LABEL, region:x,y,w,h=LABEL or {_model.Graph.Outputs[0].Name}[0,…]"));
    }
}
