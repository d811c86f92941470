using System.IO.Enumeration;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// The feature maps of a model as layers that can be explained: which tensors have places at all, which of them is the last one
/// before the answer, and which a selector names.
/// </summary>
internal sealed class SpatialLayers
{
    // Of a head's distribution over distances to a box's sides, weighed by fixed numbers: no layer that mixes features.
    private const double MostStretch = 1.6;

    // Tensors that are another under a second name.
    private static readonly HashSet<string> Repeats = ["Identity", "Dropout", "Cast"];

    private readonly OnnxModel _model;
    private readonly IReadOnlyDictionary<string, TensorShape> _shapes;
    private readonly ChannelLayouts _layouts;
    private readonly (double Height, double Width)? _picture;

    /// <param name="model">A model.</param>
    /// <param name="shapes">Shapes of the floating point tensors of a run, inputs among them.</param>
    public SpatialLayers(OnnxModel model, IReadOnlyDictionary<string, TensorShape> shapes)
    {
        (_model, _shapes) = (model.Inlined, shapes);
        _layouts = ChannelLayouts.Of(_model.Graph);
        OnnxValue? picture = _model.Graph.Inputs.FirstOrDefault(i => shapes.TryGetValue(i.Name, out TensorShape s) && s.Rank is 3 or 4);
        if (picture is not null && Extent(picture.Name) is { } size)
            _picture = (size.Height, size.Width);
    }

    /// <summary>Channels, rows and columns of a tensor; null for what is no stack of maps.</summary>
    public (long Channels, long Height, long Width)? Extent(string tensor)
    {
        if (!_shapes.TryGetValue(tensor, out TensorShape shape) || shape.Rank is not (3 or 4))
            return null;
        return _layouts.Of(tensor, shape.Rank).Layout == ChannelLayout.Last
            ? (shape[^1], shape[^3], shape[^2])
            : (shape[^3], shape[^2], shape[^1]);
    }

    /// <summary>True for a tensor with more than one place, stretched as the picture is.</summary>
    public bool IsSpatial(string tensor)
    {
        if (Extent(tensor) is not { } size || size.Height * size.Width <= 1)
            return false;
        if (_picture is not { } picture)
            return true;
        double stretch = picture.Height / size.Height / (picture.Width / size.Width);
        // Of maps of a few cells the rounding of their size is a large part.
        return (stretch < MostStretch && stretch > 1 / MostStretch) || Math.Min(size.Height, size.Width) is > 1 and < 4;
    }

    /// <summary>All layers with places that some tensors are computed from, in order.</summary>
    /// <param name="behind">Names of tensors; the model's outputs when null.</param>
    public string[] All(IReadOnlyList<string>? behind = null)
    {
        HashSet<string> varying = TensorSelection.Varying(_model.Graph);
        return [.. _model.Graph.NodesFor(behind ?? Outputs()).Where(node => !Repeats.Contains(node.OpType)).SelectMany(node => node.Outputs)
            .Where(name => name.Length > 0 && varying.Contains(name) && IsSpatial(name))];
    }

    /// <summary>
    /// The last feature map in front of some tensors: what the last layer with weights reads, or the nearest tensor with places in
    /// front of it. Of a detector with several scales there are several.
    /// </summary>
    /// <param name="behind">Names of tensors; the model's outputs when null.</param>
    public string[] Last(IReadOnlyList<string>? behind = null)
    {
        OnnxGraph graph = _model.Graph;
        var found = new HashSet<string>();
        var seen = new HashSet<(string, bool)>();
        var open = new Stack<(string Tensor, bool IsBehindWeights)>((behind ?? Outputs()).Select(name => (name, false)));
        HashSet<string> varying = TensorSelection.Varying(graph);
        while (open.TryPop(out (string Tensor, bool IsBehindWeights) at))
        {
            if (!varying.Contains(at.Tensor) || !seen.Add(at))
                continue;
            if (at.IsBehindWeights && IsSpatial(at.Tensor) && graph.Producer(at.Tensor) is { } maker && !Repeats.Contains(maker.OpType))
            {
                found.Add(at.Tensor);
                continue;
            }

            if (graph.Producer(at.Tensor) is not { } node)
                continue;
            bool weighs = at.IsBehindWeights || Weighs(node);
            foreach (string read in NodeOrder.UsedNames(node))
                open.Push((read, weighs));
        }

        return [.. All(behind).Where(found.Contains)];
    }

    /// <summary>Layers that selectors name: last, all, the label of a stage, a tensor, a pattern with * and ?.</summary>
    /// <exception cref="BadInputException">Nothing is of that name, or a tensor has no places: the nearest names are said.</exception>
    public string[] Resolve(IReadOnlyList<string> selectors, IReadOnlyList<string>? behind = null) =>
        [.. selectors.SelectMany(selector => Resolve(selector, behind)).Distinct()];

    /// <summary>Layers for explanations, the most telling first, with a reason for each.</summary>
    public IEnumerable<(string Name, string Reason)> Rank()
    {
        var named = new HashSet<string>();
        foreach (string last in Last())
            if (named.Add(last))
                yield return (last, "the last feature map: most of what decides, least sharp");
        foreach ((string label, string tensor) in _model.Card.Stages ?? [])
            if (IsSpatial(tensor) && named.Add(tensor))
                yield return (tensor, $"end of stage '{label}'");
        IEnumerable<IGrouping<(long, long), string>> sizes =
            All().GroupBy(name => (Extent(name)!.Value.Height, Extent(name)!.Value.Width)).Reverse();
        foreach (IGrouping<(long, long), string> size in sizes)
            if (named.Add(size.Last()))
                yield return (size.Last(), $"the last of {size.Count()} at {size.Key.Item1}×{size.Key.Item2}");
    }

    /// <summary>Refuses what is no tensor with places.</summary>
    /// <inheritdoc cref="Resolve(IReadOnlyList{string}, IReadOnlyList{string}?)"/>
    public void RequirePlaces(string tensor)
    {
        if (_model.Graph.Producer(tensor) is null)
            throw Unknown(tensor);
        Spatial(tensor);
    }

    private string[] Resolve(string selector, IReadOnlyList<string>? behind)
    {
        if (selector == "last")
            return Last(behind) is { Length: > 0 } last ? last : throw None("has no feature map in front of its answer");
        if (selector == "all")
            return All(behind) is { Length: > 0 } all ? all : throw None("has no tensor with places");
        if (_model.Card.Stages?.FirstOrDefault(stage => stage.Key == selector).Value is { } stage)
            return [Spatial(stage)];
        if (_model.Graph.Producer(selector) is not null)
            return [Spatial(selector)];
        if (selector.AsSpan().ContainsAny('*', '?'))
        {
            string[] matching = [.. All(behind).Where(name => FileSystemName.MatchesSimpleExpression(selector, name, ignoreCase: false))];
            return matching.Length > 0 ? matching : throw None($"has no layer with places that is named '{selector}'");
        }

        throw Unknown(selector);
    }

    private BadInputException Unknown(string name) => None($"has no tensor '{name}'; the nearest names are {Nearest(name)}");

    private string Spatial(string tensor)
    {
        if (IsSpatial(tensor))
            return tensor;
        string[] before = All([tensor]);
        string shape = _shapes.TryGetValue(tensor, out TensorShape known) ? $" ({known})" : "";
        throw None($"has no places in '{tensor}'{shape}, expected a layer with rows and columns"
            + (before.Length > 0 ? $"; the nearest in front of it is '{before[^1]}'" : ""));
    }

    private string Nearest(string name) => string.Join(", ",
        All().OrderBy(other => EditDistance.Between(name.ToLowerInvariant(), other.ToLowerInvariant())).Take(3)
            .Select(other => $"'{other}'"));

    private BadInputException None(string problem) => new OnnxException(_model.Source, problem);

    // Of a model that gives every tensor out, those at its end.
    private string[] Outputs()
    {
        string[] all = [.. _model.Graph.Outputs.Select(output => output.Name)];
        HashSet<string> read = [.. _model.Graph.Nodes.SelectMany(NodeOrder.UsedNames)];
        string[] ends = [.. all.Where(name => !read.Contains(name))];
        return ends.Length > 0 ? ends : all;
    }

    // A layer with weights over maps or over a vector; over anything else it is arithmetic behind the answer.
    private bool Weighs(OnnxNode node)
    {
        foreach (WeightInput weight in OperatorFacts.Of(node).Weights.Where(w => w.Role == TensorRole.Weight && node.HasInput(w.Index)))
        {
            if (ConstantExpression.Of(_model.Graph, node.Inputs[weight.Index]) is not { Shape.Rank: >= 2 })
                continue;
            bool isStack = Extent(node.Inputs[0]) is { } size && size.Height * size.Width > 1;
            return !isStack || IsSpatial(node.Inputs[0]);
        }

        return false;
    }
}
