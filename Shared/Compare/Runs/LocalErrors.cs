using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// The second model cut into its layers: each paired tensor is computed from the values that the first model has for the paired tensors
/// before it, so that what a layer adds to the difference is told from what it is handed.
/// </summary>
internal sealed class LocalErrors : IDisposable
{
    private const string Prefix = "local/";

    private readonly OnnxModel _cut;
    private readonly ActivationSession _session;
    private readonly HashSet<string> _inputs;
    private readonly HashSet<string> _made;

    /// <param name="model">The second model, without local functions.</param>
    /// <param name="tensors">Its paired tensors with shape and type as a run has them.</param>
    /// <param name="options">Threads, device and optimisation of the runs.</param>
    public LocalErrors(OnnxModel model, IReadOnlyList<OnnxValue> tensors, ActivationOptions options)
    {
        OnnxModel cut = _cut = Cut(model, tensors);
        _made = [.. cut.Graph.Outputs.Select(o => o.Name[Prefix.Length..])];
        _inputs = [.. cut.Graph.Inputs.Select(i => i.Name)];
        _session = ActivationSession.Open(cut, options with
        {
            Tensors = [.. cut.Graph.Outputs.Select(o => o.Name)],
            Selection = new TensorSelection(),
        });
    }

    /// <summary>Says whether a tensor is computed here; an input of the model is not.</summary>
    public bool Makes(string tensor) => _made.Contains(tensor);

    /// <summary>Runs every layer on the first model's values. The caller disposes the result; <see cref="Find"/> reads it.</summary>
    /// <param name="values">Values of paired tensors in the second model's type and order, by the second model's names.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    public Activations Run(IReadOnlyDictionary<string, TensorData> values, CancellationToken cancel) =>
        _session.Run(values.Where(v => _inputs.Contains(v.Key)).ToDictionary(v => v.Key, v => v.Value), cancel);

    /// <summary>The result for a tensor, under the name that it has in the model.</summary>
    public static SideTensor Find(Activations results, string tensor) => ((SideTensor)results[Prefix + tensor]).Named(tensor);

    /// <summary>A tensor of a run as an input that may have any sizes.</summary>
    public static OnnxValue Declared(Activation seen) => new()
    {
        Name = seen.Name,
        Kind = OnnxValueKind.Tensor,
        ElementType = seen.ElementType,
        // Other inputs may have other sizes.
        Shape = [.. seen.Shape.Dims.Select(_ => new Dimension(null))],
    };

    /// <summary>A layer, what it was given, what was expected of it and what it made.</summary>
    /// <param name="tensor">Result of the layer.</param>
    /// <param name="given">Values of the first model, by the second's names.</param>
    /// <param name="results">A run on them.</param>
    /// <param name="expected">Makes the first model's value one of a shape and type.</param>
    public Reproduction Reproduce(string tensor, IReadOnlyDictionary<string, TensorData> given, Activations results,
        Func<TensorShape, ElementType, TensorData> expected)
    {
        OnnxModel layer = Layer(tensor);
        Activation got = results[Prefix + tensor];
        return new Reproduction(layer,
            layer.Graph.Inputs.Where(i => given.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => given[i.Name]),
            expected(got.Shape, got.ElementType), new TensorData(got.ElementType, got.Shape, got.Raw.ToArray()));
    }

    /// <summary>The layer that makes a tensor as a model of its own; the tensor's name in it has a prefix.</summary>
    public OnnxModel Layer(string tensor)
    {
        ModelProto layer = GraphCut.Of(_cut, [Prefix + tensor]);
        HashSet<string> read = [.. layer.Graph.Node.SelectMany(n => n.Input.Concat(NodeOrder.Captured(n)))];
        foreach (ValueInfoProto unread in layer.Graph.Input.Where(i => !read.Contains(i.Name)).ToArray())
            layer.Graph.Input.Remove(unread);
        return new OnnxModel(layer, _cut.Source);
    }

    public void Dispose() => _session.Dispose();

    /// <summary>
    /// A model in which each of the tensors is an input, for the nodes that read it, and an output, of the node that makes it.
    /// </summary>
    internal static OnnxModel Cut(OnnxModel model, IReadOnlyList<OnnxValue> tensors)
    {
        Dictionary<string, OnnxValue> made = tensors.Where(t => model.Graph.Producer(t.Name) is not null).ToDictionary(t => t.Name);
        return model.Changed(copy =>
        {
            GraphProto graph = copy.Graph;
            foreach (NodeProto node in graph.Node)
                for (int i = 0; i < node.Output.Count; i++)
                    if (made.ContainsKey(node.Output[i]))
                        node.Output[i] = Prefix + node.Output[i];
            graph.ValueInfo.Clear();
            graph.Output.Clear();
            graph.Output.AddRange(made.Keys.Select(name => new ValueInfoProto { Name = Prefix + name }));
            HashSet<string> read = [.. graph.Node.SelectMany(n => n.Input.Concat(NodeOrder.Captured(n)))];
            graph.Input.AddRange(made.Values.Where(v => read.Contains(v.Name)).Select(v => v.ToProto()));
        });
    }
}
