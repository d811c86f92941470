using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>Gathers what can be said about a model without running it on a picture.</summary>
internal static class ModelInspector
{
    /// <exception cref="OnnxException">The file is no valid model.</exception>
    public static ModelFacts Inspect(string path)
    {
        OnnxModel model = OnnxModel.Read(path).Runnable;
        OnnxGraph graph = model.Graph;
        (Dictionary<string, OnnxValue> known, Dictionary<string, string> unreadable, string[] remarks) = Types(model);
        ModelFacts.Layer[] layers = [.. new LayerList(graph, known, unreadable).Layers()];
        return new ModelFacts
        {
            File = path,
            Bytes = new FileInfo(path).Length,
            Producer = model.Producer,
            IrVersion = model.IrVersion,
            Opsets = model.Opsets.OrderBy(o => o.Key, StringComparer.Ordinal).ToDictionary(o => o.Key.Length == 0 ? "ai.onnx" : o.Key, o =>
                o.Value),
            Inputs = [.. graph.Inputs.Select(ValueOf)],
            Outputs = [.. graph.Outputs.Select(o => ValueOf(known.GetValueOrDefault(o.Name) ?? o))],
            Operators = graph.Nodes.GroupBy(LayerList.FullName).OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count()),
            Layers = layers,
            Blocks = [.. Blocks([.. layers.Where(layer => layer.Plumbing is null)])],
            Parameters = graph.Initializers.Sum(t => t.Shape.Count),
            ParameterBytes = graph.Initializers.Where(t => t.ElementType.HasFixedSize()).Sum(t => t.ElementType.SizeInBytes(t.Shape.Count)),
            MultiplyAdds = layers.Sum(layer => layer.MultiplyAdds ?? 0),
            LayersOfUnknownSize = layers.Count(layer => layer is { MultiplyAdds: null, Plumbing: null }
                && graph.Producer(layer.Output) is { } node && LayerWork.IsProduct(node) && node.Outputs[0] == layer.Output),
            Kernels = NetworkWeights.Of(model).Count,
            Preprocessing = model.Card.Input ?? PictureInput.Find(graph) switch
            {
                { NeedsPictureSize: false } input => PreprocessingGuess.SpecOf(model, input, new Size(1, 1)),
                _ => null,
            },
            Guess = model.Card.Input is null ? PreprocessingGuess.Of(model) : null,
            HasCard = model.Card.Input is not null,
            Labels = model.Card.Labels,
            Stages = Stages.Of(model, known.GetValueOrDefault),
            Explainable = Explainable(model, known),
            HasNamedStages = model.Card.Stages is not null,
            Training = model.Card.Training,
            Remarks = remarks,
        };
    }

    // A free batch is one picture; of maps whose size only a run knows nothing is said.
    private static ModelFacts.Candidate[] Explainable(OnnxModel model, Dictionary<string, OnnxValue> known)
    {
        var shapes = new Dictionary<string, TensorShape>();
        foreach (OnnxValue value in model.Graph.Inputs.Concat(known.Values))
            if (value.Shape is { } dims && value.ElementType.IsFloatingPoint() && dims.Skip(1).All(dim => dim.Size is not null))
                shapes[value.Name] = new TensorShape([.. dims.Select(dim => dim.Size ?? 1)]);
        var layers = new SpatialLayers(model, shapes);
        string[] last = layers.Last();
        IEnumerable<string> stages = Stages.Of(model, known.GetValueOrDefault).Select(stage => stage.Value).Where(layers.IsSpatial);
        return [.. last.Union(stages.Reverse()).Select(name => layers.Extent(name) is var (channels, height, width)
            ? new ModelFacts.Candidate(name, channels, height, width, last.Contains(name)) : null)
            .OfType<ModelFacts.Candidate>()];
    }

    private static (Dictionary<string, OnnxValue>, Dictionary<string, string>, string[]) Types(OnnxModel model)
    {
        try
        {
            var typed = TypedTensors.Of(model, [.. model.Graph.NodeOutputs], tries: true);
            return (typed.Values.ToDictionary(v => v.Name), typed.Unknown.ToDictionary(s => s.Name, s => s.Reason), []);
        }
        catch (OnnxException fault)
        {
            // What is inside can still be listed, with the shapes that the file declares.
            string[] names = [.. model.Graph.NodeOutputs.Where(name => model.Graph.Declared(name) is not null)];
            return (names.ToDictionary(name => name, name => model.Graph.Declared(name)!), [], [fault.Message]);
        }
    }

    private static ModelFacts.Value ValueOf(OnnxValue value) => new(value.Name,
        value.ElementType == ElementType.Undefined ? "?" : value.ElementType.DisplayName(),
        value.Shape is { } dims ? [.. dims.Select(d => d.ToString())] : null);

    private static IEnumerable<ModelFacts.Block> Blocks(ModelFacts.Layer[] layers) =>
        ModelBlocks.Of([.. layers.Select(layer => layer.Output)]) is not { } blocks ? []
        : layers.Zip(blocks).GroupBy(pair => pair.Second).Select(block => new ModelFacts.Block(block.Key, block.Count(),
            block.Sum(pair => pair.First.Parameters), block.Sum(pair => pair.First.MultiplyAdds ?? 0)));
}

/// <summary>The tensors that a graph's nodes make, as inspect lists them.</summary>
/// <param name="graph">The graph.</param>
/// <param name="known">Types and shapes, as far as they are known.</param>
/// <param name="unreadable">Tensors that no run can give, and why.</param>
internal sealed class LayerList(OnnxGraph graph, Dictionary<string, OnnxValue> known, Dictionary<string, string> unreadable)
{
    private readonly IReadOnlyDictionary<string, string> _plumbing = Plumbing.Of(graph, known.GetValueOrDefault);
    private readonly Dictionary<string, OnnxValue> _inputs = graph.Inputs.ToDictionary(input => input.Name);
    private readonly HashSet<string> _counted = [];

    /// <summary>Type of a node, with its domain when that is not ai.onnx.</summary>
    public static string FullName(OnnxNode node) => node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}";

    /// <summary>All tensors, in the order in which they are made.</summary>
    public IEnumerable<ModelFacts.Layer> Layers()
    {
        int index = 0;
        foreach (OnnxNode node in graph.Nodes)
        {
            // What constants are made of counts where it is used.
            bool isConstant = node.Outputs.All(output => _plumbing.GetValueOrDefault(output) == Plumbing.Constant);
            long parameters = isConstant ? 0 : node.Inputs.Sum(ParametersBehind);
            long[]? kernel = LayerWork.KernelOf(node) is { } place && node.HasInput(place) ? ShapeOf(node.Inputs[place]) : null;
            IReadOnlyDictionary<string, long[]> attributes = NodeAttributes.Of(node, kernel?.Length > 2 ? kernel[2..] : null);
            long? work = !isConstant && LayerWork.IsProduct(node) ? LayerWork.Of(node, ShapeOf) : null;
            foreach (string output in node.Outputs.Where(o => o.Length > 0))
            {
                OnnxValue? value = known.GetValueOrDefault(output);
                string? plumbing = _plumbing.GetValueOrDefault(output);
                yield return new ModelFacts.Layer(index++, node.Name, FullName(node), output,
                    value is { ElementType: not ElementType.Undefined } ? value.ElementType.DisplayName() : "?",
                    value?.Shape is { } dims ? [.. dims.Select(d => d.ToString())] : null, parameters,
                    unreadable.GetValueOrDefault(output) ?? (plumbing == Plumbing.Constant ? "with --constants" : Drawing(value)))
                {
                    Attributes = attributes,
                    MultiplyAdds = work,
                    Plumbing = plumbing,
                };
                (parameters, work) = (0, null);
            }
        }
    }

    // A weight that several nodes use counts with the first. Without recursion: a file may chain any number of constants.
    private long ParametersBehind(string operand)
    {
        long count = 0;
        var open = new Stack<string>([operand]);
        while (open.TryPop(out string? name))
        {
            if (!_counted.Add(name))
                continue;
            if (graph.Initializer.TryGetValue(name, out OnnxTensor? tensor))
                count += tensor.Shape.Count;
            else if (_plumbing.GetValueOrDefault(name) == Plumbing.Constant)
                foreach (string input in graph.Producer(name)!.Inputs)
                    open.Push(input);
        }

        return count;
    }

    private long[]? ShapeOf(string name)
    {
        if (graph.Initializer.TryGetValue(name, out OnnxTensor? tensor))
            return [.. tensor.Shape.Dims];
        if ((known.GetValueOrDefault(name) ?? _inputs.GetValueOrDefault(name))?.Shape is not { } dims)
            return null;
        long?[] sizes = [.. dims.Select((dim, axis) => dim.Size ?? (axis == 0 && dims.Length > 1 ? 1 : (long?)null))];
        return sizes.Any(size => size is null) ? null : [.. sizes.Select(size => size!.Value)];
    }

    private static string Drawing(OnnxValue? value) =>
        value?.ElementType == ElementType.String ? "nothing: holds strings"
        : value?.Shape is not { } dims ? "?"
        : dims.Length switch
        {
            0 => "number",
            1 or 2 => "bars",
            _ when dims[2..].All(d => d.Size == 1) => "bars",
            _ => "maps",
        };
}
