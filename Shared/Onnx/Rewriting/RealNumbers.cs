using System.Runtime.InteropServices;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Turns a quantised model, in which QuantizeLinear and DequantizeLinear stand around each layer, into one of real numbers that can be
/// trained: weights become what their integers stand for, and nothing is rounded between layers.
/// </summary>
/// <remarks>
/// Quantisers leave out a ReLU whose work the smallest integer does: where that stands for 0, a Clip takes its place, up to the number
/// that the largest integer stands for. Elsewhere numbers beyond the range that a calibration has found are not cut off.
/// </remarks>
internal static class RealNumbers
{
    private const string Quantize = "QuantizeLinear", Dequantize = "DequantizeLinear";

    // What exporters put behind a tensor's name for its integers, and for the real numbers that these become again.
    private static readonly string[] Endings =
        ["_dequantized", "_quantized", "_DequantizeLinear_Output", "_QuantizeLinear_Output", "_DequantizeLinear", "_QuantizeLinear"];

    // Before it, bounds are attributes.
    private const long ClipWithInputs = 11;

    // Negative numbers come out of these only where they go in, and they move or choose integers as they do real numbers.
    private static readonly HashSet<string> Movers =
    [
        "MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Gather", "Split", "Identity", "DepthToSpace",
        "SpaceToDepth", "Concat",
    ];

    private static readonly HashSet<string> NonNegative = [.. Movers, "Relu", "Clip", "Sigmoid", "Softmax", "HardSigmoid", "AveragePool",
        "GlobalAveragePool", "GlobalMaxPool", "Resize", "Dropout"];

    private static readonly Dictionary<ElementType, (double Least, double Most)> Ranges = new()
    {
        [ElementType.Int8] = (sbyte.MinValue, sbyte.MaxValue),
        [ElementType.UInt8] = (byte.MinValue, byte.MaxValue),
        [ElementType.Int16] = (short.MinValue, short.MaxValue),
        [ElementType.UInt16] = (ushort.MinValue, ushort.MaxValue),
    };

    /// <summary>True when layers get weights that a DequantizeLinear makes of integers in the file.</summary>
    /// <param name="model">A model without calls of local functions.</param>
    public static bool HasQuantizedWeights(this OnnxModel model) =>
        model.Graph.Nodes.Any(node => WeightOf(model.Graph, node) is { Shape.Rank: > 1 });

    /// <summary>The model with real numbers; the same object when its weights are not quantised.</summary>
    /// <param name="model">A model without calls of local functions; stays as it is.</param>
    /// <exception cref="OnnxException">A layer of it calculates with integers.</exception>
    public static OnnxModel WithRealNumbers(this OnnxModel model)
    {
        if (!model.HasQuantizedWeights())
            return model;
        OnnxGraph graph = model.Graph;
        var work = new Work(model);
        foreach (OnnxNode node in graph.Nodes)
            work.Take(node);
        return model.Changed(work.Finish);
    }

    private static ConstantExpression? WeightOf(OnnxGraph graph, OnnxNode node) => node is { OpType: Dequantize, Domain: "" }
        && ConstantExpression.Of(graph, node.Outputs[0]) is { HasData: true } expression ? expression : null;

    /// <summary>The changes, node by node.</summary>
    private sealed class Work(OnnxModel model)
    {
        private readonly OnnxGraph _graph = model.Graph;
        private readonly ConstantOperands _constants = new(model.Graph.Proto, model.Source);
        private readonly List<NodeProto> _nodes = [];
        private readonly List<TensorProto> _weights = [];
        private readonly HashSet<string> _integers = [];
        private readonly Dictionary<string, string> _names = [];
        private readonly HashSet<string> _taken =
            [.. model.Graph.Inputs.Select(i => i.Name), .. model.Graph.Initializer.Keys, .. model.Graph.NodeOutputs];
        private readonly HashSet<string> _kept =
            [.. model.Graph.Outputs.Select(o => o.Name), .. model.Graph.Nodes.SelectMany(node => node.Captured)];

        public void Take(OnnxNode node)
        {
            if (WeightOf(_graph, node) is { } weight)
                AddWeight(node, weight);
            else if (node is { OpType: Quantize, Domain: "" })
                Bound(node);
            else if (node is { OpType: Dequantize, Domain: "" } && _integers.Contains(node.Inputs[0]))
                Bypass(node);
            else
                Keep(node);
        }

        public void Finish(ModelProto copy)
        {
            GraphProto graph = copy.Graph;
            graph.Node.Clear();
            graph.Node.AddRange(_nodes);
            HashSet<string> used = [.. _nodes.SelectMany(node => node.Input.Concat(NodeOrder.Captured(node))), .. _kept];
            TensorProto[] initializers = [.. graph.Initializer.Concat(_weights).Where(tensor => used.Contains(tensor.Name))];
            HashSet<string> dropped = [.. graph.Initializer.Select(t => t.Name).Except(initializers.Select(t => t.Name))];
            graph.Initializer.Clear();
            graph.Initializer.AddRange(initializers);
            // Old files list their weights among the inputs.
            foreach (ValueInfoProto input in graph.Input.Where(i => dropped.Contains(i.Name)).ToArray())
                graph.Input.Remove(input);
            // What the file says of tensors inside may be of their integers.
            graph.ValueInfo.Clear();
            graph.QuantizationAnnotation.Clear();
        }

        private void AddWeight(OnnxNode node, ConstantExpression weight)
        {
            string made = node.Outputs[0], name = _kept.Contains(made) ? made : PlainName(made);
            _names[made] = name;
            var tensor = new TensorProto
            {
                Name = name,
                DataType = (int)ElementType.Float,
                RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(weight.Load().AsSpan())),
            };
            tensor.Dims.AddRange(weight.Shape.Dims);
            _weights.Add(tensor);
        }

        // The real numbers go on in place of the integers, cut off where a ReLU was.
        private void Bound(OnnxNode node)
        {
            string real = NameOf(node.Inputs[0]), made = node.Outputs[0];
            _integers.Add(made);
            if (Largest(node) is not { } most)
            {
                _names[made] = real;
                return;
            }

            string name = _kept.Contains(made) ? made : PlainName(made);
            _names[made] = name;
            var clip = new NodeProto { OpType = "Clip", Name = name, Input = { real }, Output = { name } };
            if (node.Opset >= ClipWithInputs)
                clip.Input.AddRange([Number(name + "/min", 0), Number(name + "/max", (float)most)]);
            else
                clip.Attribute.AddRange([Attribute("min", 0), Attribute("max", (float)most)]);
            _nodes.Add(clip);
        }

        private void Bypass(OnnxNode node)
        {
            string real = NameOf(node.Inputs[0]), made = node.Outputs[0];
            if (_kept.Contains(made))
                _nodes.Add(new NodeProto { OpType = "Identity", Name = node.Name, Input = { real }, Output = { made } });
            else
                _names[made] = real;
        }

        private void Keep(OnnxNode node)
        {
            if (node.Inputs.Concat(node.Captured).Any(_integers.Contains))
            {
                if (node.Domain.Length > 0 || !Movers.Contains(node.OpType))
                    throw node.Error("calculates with integers; expected layers with DequantizeLinear in front of them and QuantizeLinear "
                        + "behind, or the model before it was quantised");
                _integers.UnionWith(node.Outputs);
            }

            NodeProto copy = node.Proto.Clone();
            for (int i = 0; i < copy.Input.Count; i++)
                copy.Input[i] = NameOf(copy.Input[i]);
            _nodes.Add(copy);
        }

        // Null where the smallest integer stands for no 0, or no negative number comes in.
        private double? Largest(OnnxNode node)
        {
            if (_graph.Producer(node.Inputs[0]) is not { } maker || NonNegative.Contains(maker.OpType)
                || _constants.Of(node, 1) is not [var scale])
                return null;
            ElementType type = !node.HasInput(2) ? ElementType.UInt8
                : _graph.Initializer.TryGetValue(node.Inputs[2], out OnnxTensor? zeros) ? zeros.ElementType : ElementType.Undefined;
            double zero = _constants.Of(node, 2) is [var point] ? point : 0;
            return Ranges.TryGetValue(type, out (double Least, double Most) range) && zero == range.Least
                ? (range.Most - zero) * scale : null;
        }

        private string Number(string name, float value)
        {
            _weights.Add(new TensorProto { Name = name, DataType = (int)ElementType.Float, FloatData = { value } });
            return name;
        }

        private static AttributeProto Attribute(string name, float value) =>
            new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

        private string NameOf(string name) => _names.GetValueOrDefault(name, name);

        private string PlainName(string name) =>
            Endings.FirstOrDefault(ending => name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal)) is { } end
                && _taken.Add(name[..^end.Length]) ? name[..^end.Length] : name;
    }
}
