using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// Where a channel's trouble comes from: one that is dead in front of a Concat, a Dropout or a Relu is dead behind it, too, and counts
/// once, where it begins.
/// </summary>
/// <param name="graph">Graph that makes the tensors.</param>
/// <param name="layouts">Axis of the channels of each tensor.</param>
/// <param name="states">State of each channel by tensor, as <see cref="ChannelHealth.State"/> has it.</param>
internal sealed class ChannelOrigins(OnnxGraph graph, ChannelLayouts layouts, IReadOnlyDictionary<string, string[]> states)
{
    // [N, C, H, W]; other maps are not joined by any exporter.
    private const int UsualRank = 4;

    // Over so many tensors that nobody surveyed a channel is followed.
    private const int MostSteps = 8;

    // Each channel of the result is made of the same channel of the first operand alone.
    private static readonly FrozenSet<string> Passing = new[]
    {
        "Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Selu", "Celu", "Gelu", "Mish",
        "Softplus", "Softsign", "Abs", "Neg", "Sqrt", "Exp", "Identity", "Cast", "Dropout", "BatchNormalization", "InstanceNormalization",
        "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "Pad", "Resize", "Upsample", "Slice",
        "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "QuantizeLinear", "DequantizeLinear", "QLinearAveragePool",
        "QLinearGlobalAveragePool", "QLinearSigmoid", "QLinearLeakyRelu",
    }.ToFrozenSet();

    // Each is made of the same channel of all operands.
    private static readonly FrozenSet<string> Joining =
        new[] { "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "QLinearAdd", "QLinearMul" }.ToFrozenSet();

    private readonly HashSet<string> _varying = TensorSelection.Varying(graph);

    /// <summary>
    /// Names the tensor in front that has the same trouble in the channel that this one is made of; null where it begins.
    /// </summary>
    /// <param name="tensor">Name of the tensor.</param>
    /// <param name="channel">Its channel, from 0.</param>
    /// <param name="state">State of the channel.</param>
    public string? Of(string tensor, int channel, string state) =>
        state is "dead" or "constant" or "duplicate" ? Find(tensor, channel, state, MostSteps) : null;

    private string? Find(string tensor, int channel, string state, int steps)
    {
        if (steps == 0 || graph.Producer(tensor) is not { } node)
            return null;
        string[] operands = [.. node.Inputs.Where(name => _varying.Contains(name))];
        if (node.OpType is "Concat" or "QLinearConcat")
            return FindInConcat(node, operands, channel, state, steps);
        if (Passing.Contains(node.OpType))
            return operands is [var only, ..] && Has(only, channel, state, steps) ? only : null;
        if (!Joining.Contains(node.OpType) || operands.Length == 0)
            return null;
        // What is multiplied by 0 is 0, whatever the other is.
        string[] troubled = [.. operands.Where(name => Has(name, channel, state, steps))];
        bool isEnough = node.OpType is "Mul" or "QLinearMul" && state == "dead" ? troubled.Length > 0 : troubled.Length == operands.Length;
        return isEnough ? troubled[0] : null;
    }

    private string? FindInConcat(OnnxNode node, string[] operands, int channel, string state, int steps)
    {
        bool isLast = layouts.Of(node.Outputs[0], UsualRank).Layout == ChannelLayout.Last;
        bool isChannel = isLast ? node.Int("axis", 1) is UsualRank - 1 or -1 : node.Int("axis", 1) is 1 or 1 - UsualRank;
        if (!isChannel || operands.Length != node.Inputs.Length)
            return null;
        foreach (string operand in operands)
        {
            // Without the number of its channels those behind it cannot be found.
            if (!states.TryGetValue(operand, out string[]? channels))
                return null;
            if (channel < channels.Length)
                return Has(operand, channel, state, steps) ? operand : null;
            channel -= channels.Length;
        }

        return null;
    }

    private bool Has(string tensor, int channel, string state, int steps) => states.TryGetValue(tensor, out string[]? known)
        ? channel < known.Length && (state == "duplicate" ? known[channel] == state : known[channel] is "dead" or "constant")
        : Find(tensor, channel, state, steps - 1) is not null;
}
