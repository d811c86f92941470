using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;

namespace CnnOnnx.Tests.Operators.Backend;

/// <summary>Reasons why conformance tests cannot be run. Most reasons follow from the model; a few are facts about a test.</summary>
internal static class BackendLeftOut
{
    // The name of a test, or how it begins with a star.
    private static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>
    {
        ["node/test_bernoulli*"] = "its output is random: NumPy's numbers for a seed",
        ["node/test_training_dropout_default"] = "its output is random: NumPy's numbers for a seed",
        ["node/test_training_dropout_default_mask"] = "its output is random: NumPy's numbers for a seed",
        ["node/test_training_dropout"] = "its output is random: NumPy's numbers for a seed",
        ["node/test_training_dropout_mask"] = "its output is random: NumPy's numbers for a seed",
        // Resize's text divides by the resized size, as ONNX Runtime does.
        ["node/test_resize_downsample_scales_cubic_align_corners"] = "the reference divides by the resized size before it is rounded",
        ["node/test_resize_downsample_scales_linear_align_corners"] = "the reference divides by the resized size before it is rounded",
    }.ToFrozenDictionary();

    public static string? Reason(string test, OnnxModel model, IReadOnlyCollection<OnnxNode> nodes)
    {
        string[] missing = [.. nodes.Where(n => OperatorTable.Find(n) is null)
            .Select(n => n.Domain.Length > 0 ? $"{n.Domain}.{n.OpType}" : n.OpType).Distinct().Order(StringComparer.Ordinal)];
        if (missing.Length > 0)
            return $"operator not in the table: {string.Join(", ", missing)}";
        OnnxValue[] ends = [.. model.Graph.Inputs.Concat(model.Graph.Outputs)];
        if (ends.FirstOrDefault(v => v.Kind != OnnxValueKind.Tensor) is { } other)
            return $"values that are not tensors: {other.Kind}";
        ElementType[] types = [.. ends.Select(v => v.ElementType).Concat(model.Graph.Initializers.Select(t => t.ElementType))
            .Concat(nodes.SelectMany(ConstantTypes)).Where(t => !TorchTensors.Has(t)).Distinct().Order()];
        if (types.Length > 0)
            return $"element type without a counterpart in TorchSharp: {string.Join(", ", types.Select(t => t.DisplayName()))}";
        return Known.FirstOrDefault(
            k => k.Key.EndsWith('*') ? test.StartsWith(k.Key[..^1], StringComparison.Ordinal) : test == k.Key).Value;
    }

    // Types that a node makes or holds by itself.
    private static IEnumerable<ElementType> ConstantTypes(OnnxNode node)
    {
        foreach (AttributeProto attribute in node.Proto.Attribute)
        {
            if (attribute.T is not null)
                yield return (ElementType)attribute.T.DataType;
            if (node.OpType == "Cast" && attribute.Name == "to")
                yield return (ElementType)attribute.I;
        }
    }
}
