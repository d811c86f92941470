using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>RNN, GRU and LSTM: what reads text lines behind a convolutional network.</summary>
internal static class RecurrentOperators
{
    public static Operator[] Rows { get; } =
    [
        new("RNN", 7, Rnn),
        new("GRU", 7, Gru),
        new("LSTM", 7, Lstm),
    ];

    // https://onnx.ai/onnx/operators/onnx__RNN.html
    private static OperatorFunction Rnn(OnnxNode node)
    {
        var recurrence = new Recurrence(node, gates: 1, states: 1, "Tanh");
        return operands => recurrence.Run(operands, weights =>
        {
            GateFunction act = weights.Activations[0];
            return (input, states) => [act(input + weights.Recur(states[0]))];
        });
    }

    // Gates z, r, h. https://onnx.ai/onnx/operators/onnx__GRU.html
    private static OperatorFunction Gru(OnnxNode node)
    {
        bool resetsLast = node.Flag("linear_before_reset", false);
        var recurrence = new Recurrence(node, gates: 3, states: 1, "Sigmoid", "Tanh");
        return operands => recurrence.Run(operands, weights =>
        {
            (GateFunction gate, GateFunction act) = (weights.Activations[0], weights.Activations[1]);
            return (input, states) =>
            {
                Tensor before = states[0];
                Tensor update = gate(weights.Gate(input, 0) + weights.Recur(before, 0)),
                    reset = gate(weights.Gate(input, 1) + weights.Recur(before, 1));
                Tensor recurrent = resetsLast ? reset * weights.Recur(before, 2) : weights.Recur(reset * before, 2);
                Tensor candidate = act(weights.Gate(input, 2) + recurrent);
                return [((1 - update) * candidate) + (update * before)];
            };
        });
    }

    // Gates i, o, f, c; peepholes i, o, f. https://onnx.ai/onnx/operators/onnx__LSTM.html
    private static OperatorFunction Lstm(OnnxNode node)
    {
        bool couples = node.Flag("input_forget", false);
        var recurrence = new Recurrence(node, gates: 4, states: 2, "Sigmoid", "Tanh", "Tanh") { Peepholes = 7 };
        return operands => recurrence.Run(operands, weights =>
        {
            (GateFunction gate, GateFunction act, GateFunction outAct) =
                (weights.Activations[0], weights.Activations[1], weights.Activations[2]);
            return (input, states) =>
            {
                (Tensor hidden, Tensor cell) = (states[0], states[1]);
                Tensor all = input + weights.Recur(hidden);
                Tensor takes = gate(weights.Peep(weights.Gate(all, 0), cell, 0));
                Tensor keeps = couples ? 1 - takes : gate(weights.Peep(weights.Gate(all, 2), cell, 2));
                Tensor next = (keeps * cell) + (takes * act(weights.Gate(all, 3)));
                Tensor gives = gate(weights.Peep(weights.Gate(all, 1), next, 1));
                return [gives * outAct(next), next];
            };
        });
    }
}
