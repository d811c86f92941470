using System.Collections.Frozen;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// Attributes that count or measure something have a range outside which no model has a meaning. It is checked before any
/// runtime sees the graph: ONNX Runtime and libtorch divide by some of them, narrow them to 32 bits, or loop over them,
/// and end the process where they are 0 or huge.
/// </summary>
internal static class AttributeLimits
{
    private const long Largest = OperandLimit.Largest, Widest = OperandLimit.Widest;

    // An attribute means the same in every operator that has it, those of unknown domains included.
    private static readonly FrozenDictionary<string, (long Min, long Max)> Limits = new Dictionary<string, (long, long)>
    {
        ["kernel_shape"] = (1, Largest),
        ["strides"] = (1, Widest),
        ["dilations"] = (1, Largest),
        ["pads"] = (-Widest, Widest),
        ["output_padding"] = (0, Widest),
        ["output_shape"] = (0, Widest),
        ["group"] = (1, Largest),
        ["num_groups"] = (1, Largest),
        ["blocksize"] = (1, Largest),
        ["block_size"] = (0, Largest),
        ["hidden_size"] = (1, Largest),
        ["num_heads"] = (1, Largest),
        ["q_num_heads"] = (1, Largest),
        ["kv_num_heads"] = (1, Largest),
        ["num_outputs"] = (1, Largest),
        ["num_scan_inputs"] = (1, Largest),
        ["pooled_shape"] = (1, Largest),
        ["output_height"] = (1, Largest),
        ["output_width"] = (1, Largest),
        ["sampling_ratio"] = (0, Largest),
        ["p"] = (1, Largest),
    }.ToFrozenDictionary();

    /// <exception cref="OnnxException">An attribute out of its range.</exception>
    public static void Check(OnnxNode node)
    {
        foreach (AttributeProto attribute in node.Proto.Attribute)
        {
            if (!Limits.TryGetValue(attribute.Name, out (long Min, long Max) limit))
                continue;
            foreach (long value in attribute.Ints.Append(attribute.HasI ? attribute.I : limit.Max))
                if (value < limit.Min || value > limit.Max)
                    throw node.Error($"attribute '{attribute.Name}' is {value}, expected {limit.Min} to {limit.Max}");
            if (attribute.Name == "num_outputs" && node.OpType == "Split" && attribute.I != node.Outputs.Length)
                throw node.Error($"attribute 'num_outputs' is {attribute.I}, but the node has {node.Outputs.Length} outputs");
            // Type inference goes through that many inputs, whether they are there or not.
            if (attribute.Name == "num_scan_inputs" && attribute.I > node.Inputs.Length)
                throw node.Error($"attribute 'num_scan_inputs' is {attribute.I}, but the node has {node.Inputs.Length} inputs");
        }
    }
}
