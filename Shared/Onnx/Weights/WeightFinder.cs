using System.Collections.Frozen;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>Finds the weights of a graph that are worth a picture: what convolutions and matrix products multiply with.</summary>
internal sealed class WeightFinder(OnnxGraph graph)
{
    // Operator → the input that may be a weight, and whether its first axis is the layer's inputs, not its outputs.
    private static readonly FrozenDictionary<string, (int Input, Func<OnnxNode, bool> InputsFirst)[]> WeightInputs =
        new Dictionary<string, (int, Func<OnnxNode, bool>)[]>
        {
            ["Conv"] = [(1, _ => false)],
            ["FusedConv"] = [(1, _ => false)],
            ["ConvInteger"] = [(1, _ => false)],
            ["QLinearConv"] = [(3, _ => false)],
            ["ConvTranspose"] = [(1, _ => true)],
            ["Gemm"] = [(1, node => node.Int("transB", 0) == 0)],
            ["MatMul"] = [(1, _ => true), (0, _ => false)],
            ["MatMulInteger"] = [(1, _ => true)],
            ["QLinearMatMul"] = [(3, _ => true)],
        }.ToFrozenDictionary();

    /// <summary>In the order in which the graph uses them, each once.</summary>
    public IEnumerable<NetworkWeight> All()
    {
        var seen = new HashSet<OnnxTensor>();
        foreach (OnnxNode node in graph.Nodes)
            foreach ((int input, Func<OnnxNode, bool> inputsFirst) in WeightInputs.GetValueOrDefault(node.OpType, []))
                if (input < node.Inputs.Length && Resolve(node.Inputs[input]) is var (tensor, quantization) && seen.Add(tensor))
                    yield return new NetworkWeight(seen.Count - 1, tensor, node, inputsFirst(node), quantization);
    }

    // Quantised weights come out of DequantizeLinear, half-precision ones sometimes out of Cast.
    private (OnnxTensor Tensor, Quantization? Quantization)? Resolve(string name)
    {
        Quantization? quantization = null;
        for (OnnxNode? producer; (producer = graph.Producer(name)) is { Inputs.Length: > 0 } or { OpType: "Constant" }; name = producer.Inputs[0])
        {
            if (producer.OpType == "Constant")
                return producer.Tensor("value") is { } value && IsDrawable(value, quantization) ? (value, quantization) : null;
            if (producer.OpType == "DequantizeLinear" && quantization is null && QuantizationOf(producer) is { } found)
                quantization = found;
            else if (producer.OpType is not ("Identity" or "Cast"))
                return null;
        }

        return graph.Initializer.TryGetValue(name, out OnnxTensor? tensor) && IsDrawable(tensor, quantization) ? (tensor, quantization) : null;
    }

    private Quantization? QuantizationOf(OnnxNode dequantize) =>
        dequantize.Inputs.Length > 1 && graph.Initializer.TryGetValue(dequantize.Inputs[1], out OnnxTensor? scale)
        && (dequantize.Inputs.Length < 3 || graph.Initializer.ContainsKey(dequantize.Inputs[2]) || dequantize.Inputs[2].Length == 0)
            ? new Quantization(scale, dequantize.Inputs.Length < 3 ? null : graph.Initializer.GetValueOrDefault(dequantize.Inputs[2]),
                (int)dequantize.Int("axis", 1))
            : null;

    private static bool IsDrawable(OnnxTensor tensor, Quantization? quantization) =>
        tensor.Shape.Rank >= 2 && tensor.Shape.Count > 0 && tensor.HasData && FloatConversion.CanConvert(tensor.ElementType)
        && quantization?.Fits(tensor.Shape) != false;
}
