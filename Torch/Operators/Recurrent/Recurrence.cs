using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// Computes one step: what the input gives to all gates [batch, gates·hidden], and the states before → the states behind.
/// </summary>
internal delegate Tensor[] Cell(Tensor input, Tensor[] states);

/// <summary>
/// What RNN, GRU and LSTM have in common: operands X, W, R, B, sequence_lens and initial states; directions, layouts, sequences
/// that end early.
/// </summary>
internal sealed class Recurrence
{
    private const int MostSteps = 1 << 24;

    private readonly OnnxNode _node;
    private readonly int _gates, _states, _activations;
    private readonly bool[] _backward;
    private readonly bool _batchFirst;
    private readonly long? _hidden;
    private readonly GateFunction[] _functions;

    /// <param name="gates">Parts of W and R.</param>
    /// <param name="states">1 for the hidden state, 2 where a cell's state is beside it.</param>
    /// <param name="activations">The usual ones of a direction.</param>
    public Recurrence(OnnxNode node, int gates, int states, params string[] activations)
    {
        (_node, _gates, _states, _activations) = (node, gates, states, activations.Length);
        _backward = node.OneOf("direction", "forward", "reverse", "bidirectional") switch
        {
            "forward" => [false],
            "reverse" => [true],
            _ => [false, true],
        };
        _batchFirst = node.Flag("layout", false);
        _hidden = node.HasAttribute("hidden_size") ? node.Within("hidden_size", 0, 1) : null;
        _functions = RecurrentActivations.Of(node, [.. _backward.SelectMany(_ => activations)],
            // What comes out of a cell is not clipped, as in ONNX Runtime.
            place => states == 1 || (place + 1) % activations.Length != 0);
    }

    /// <summary>Index of the operand with peepholes; 0 where the operator has none.</summary>
    public int Peepholes { get; init; }

    /// <summary>Runs all directions.</summary>
    /// <param name="cellOf">Makes the step of a direction.</param>
    /// <returns>Y, Y_h and, with two states, Y_c.</returns>
    public Tensor[] Run(Operands operands, Func<RecurrentWeights, Cell> cellOf)
    {
        operands.RequireRank(0, 3, 3);
        operands.RequireRank(2, 3, 3);
        Tensor input = _batchFirst ? operands[0].transpose(0, 1) : operands[0];
        (long steps, long batch, long features) = (input.shape[0], input.shape[1], input.shape[2]);
        long hidden = _hidden ?? operands[2].shape[2], directions = _backward.Length;
        operands.RequireShape(1, directions, _gates * hidden, features);
        operands.RequireShape(2, directions, _gates * hidden, hidden);
        operands.RequireShape(3, directions, 2 * _gates * hidden);
        for (int state = 0; state < _states; state++)
            operands.RequireShape(5 + state, _batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
        if (Peepholes > 0)
            operands.RequireShape(Peepholes, directions, 3 * hidden);
        if (steps > MostSteps)
            throw operands.Fault($"has sequences of {steps} steps, expected at most {MostSteps}");
        Budget.Require(_node, input.dtype, steps, directions, batch, _gates * hidden);

        Tensor?[] isOver = Ends(operands, steps, batch);
        var outputs = new List<Tensor>();
        var last = new List<Tensor>[_states];
        for (int state = 0; state < _states; state++)
            last[state] = [];
        for (int direction = 0; direction < directions; direction++)
        {
            var weights = new RecurrentWeights(
                operands, direction, _gates, hidden, Peepholes, _functions[(direction * _activations)..((direction + 1) * _activations)]);
            Tensor[] states = [.. Enumerable.Range(0, _states)
                .Select(state => First(operands, 5 + state, direction, batch, hidden, input))];
            outputs.Add(Run(operands, weights.Project(input), cellOf(weights), ref states, isOver, _backward[direction]));
            for (int state = 0; state < _states; state++)
                last[state].Add(states[state]);
        }

        Tensor sequence = stack(outputs, 1);
        Tensor[] ends = [.. last.Select(states => stack(states, _batchFirst ? 1 : 0))];
        return [_batchFirst ? sequence.permute(2, 0, 1, 3) : sequence, .. ends];
    }

    /// <summary>Runs one direction: [steps, batch, hidden]; zeros behind the end of a sequence.</summary>
    private Tensor Run(Operands operands, Tensor inputs, Cell cell, ref Tensor[] states, Tensor?[] isOver, bool backward)
    {
        int steps = isOver.Length;
        if (steps == 0)
            return zeros([0, .. states[0].shape], states[0].dtype, states[0].device);
        var outputs = new Tensor[steps];
        for (int i = 0; i < steps; i++)
        {
            if (!operands.State.CountIteration())
                throw operands.Fault($"still runs after {i} steps");
            int step = backward ? steps - 1 - i : i;
            Tensor[] next = cell(inputs[step], states);
            outputs[step] = next[0];
            if (isOver[step] is { } over)
            {
                outputs[step] = next[0].masked_fill(over, 0);
                next = [.. next.Zip(states, (behind, before) => where(over, before, behind))];
            }

            states = next;
        }

        return stack(outputs);
    }

    // For each step [batch, 1]: which sequences have ended; null for none.
    private Tensor?[] Ends(Operands operands, long steps, long batch)
    {
        var over = new Tensor?[steps];
        if (operands.Optional(4) is null)
            return over;
        long[] lengths = operands.Longs(4);
        if (lengths.Length != batch || lengths.Any(length => length < 0 || length > steps))
            throw operands.Fault($"has sequence lengths {string.Join(", ", lengths)}, expected {batch} from 0 to {steps}");
        for (int step = 0; step < steps; step++)
            if (lengths.Any(length => step >= length))
                over[step] = tensor(lengths.Select(length => step >= length).ToArray(), device: operands.State.Device).unsqueeze(1);
        return over;
    }

    private Tensor First(Operands operands, int index, int direction, long batch, long hidden, Tensor input) =>
        operands.Optional(index) is { } given
        ? given.select(_batchFirst ? 1 : 0, direction)
        : zeros([batch, hidden], input.dtype, input.device);
}
