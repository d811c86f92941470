using CnnOnnx.Tensors;
using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Nodes of RNN, GRU and LSTM with any of their optional parts.</summary>
internal static class RecurrentNodes
{
    /// <summary>Parts of W and R.</summary>
    public static Dictionary<string, int> Gates { get; } = new() { ["RNN"] = 1, ["GRU"] = 3, ["LSTM"] = 4 };

    private static readonly string[][] Functions =
        [["Tanh", "Sigmoid", "Relu"], ["Affine", "LeakyRelu", "ScaledTanh"], ["HardSigmoid", "Elu", "Softsign"],
            ["Softplus", "Sigmoid", "Tanh"]];

    private static readonly string[] Alphas = ["Affine", "LeakyRelu", "ScaledTanh", "HardSigmoid", "Elu"],
        Betas = ["Affine", "ScaledTanh", "HardSigmoid"];

    /// <param name="values">Makes operands of numbers.</param>
    public static Gen<OperatorCheck> Of(string type, Func<long[], int, TensorData> values) =>
        from direction in Gen.Int[0, 2]
        from sizes in Gen.Long[1, 3].Array[4]
        from seed in Gen.Int[0, 1000]
        from has in Gen.Bool.Array[8]
        from functions in Gen.Int[0, Functions.Length - 1]
        select Node(type, direction, sizes, seed, has, Functions[functions], values);

    private static float[] Given(string[] names, string[] takers) => [.. names.Where(takers.Contains).Select((_, i) => 0.3f + (0.1f * i))];

    private static OperatorCheck Node(
        string type, int direction, long[] sizes, int seed, bool[] has, string[] functions, Func<long[], int, TensorData> values)
    {
        (long steps, long batch, long features, long hidden) = (sizes[0], sizes[1], sizes[2], sizes[3]);
        (int gates, int directions) = (Gates[type], direction == 2 ? 2 : 1);
        bool isLstm = type == "LSTM";
        TensorData? If(bool isThere, int offset, params long[] shape) => isThere ? values(shape, seed + offset) : null;
        int[] ends = [.. Enumerable.Range(0, (int)batch).Select(i => (int)(1 + ((seed + i) % steps)))];
        TensorData lengths = Converted.From(ElementType.Int32, new TensorShape(batch), ends);
        TensorData?[] inputs =
        [
            values([steps, batch, features], seed), values([directions, gates * hidden, features], seed + 1),
                values([directions, gates * hidden, hidden], seed + 2),
            If(has[0], 3, directions, 2 * gates * hidden), has[1] ? lengths : null, If(has[2], 5, directions, batch, hidden),
            If(has[3] && isLstm, 6, directions, batch, hidden), If(has[4] && isLstm, 7, directions, 3 * hidden),
        ];
        int used = 1 + Array.FindLastIndex(inputs, input => input is not null), places = gates == 1 ? 1 : gates == 3 ? 2 : 3;
        var attributes = new List<(
            string, object)> { ("hidden_size", hidden), ("direction", new[] { "forward", "reverse", "bidirectional" }[direction]) };
        if (has[5])
        {
            // What stands for a missing alpha or beta is not the same everywhere, so all are given.
            string[] names = [.. Enumerable.Range(0, directions * places).Select(i => functions[i % 3])];
            attributes.AddRange(
                [("activations", names), ("activation_alpha", Given(names, Alphas)), ("activation_beta", Given(names, Betas))]);
        }

        if (has[6])
            attributes.Add(("clip", 0.7f));
        if (has[7] && type != "RNN")
            attributes.Add((isLstm ? "input_forget" : "linear_before_reset", 1));
        return new OperatorCheck(type, 14, inputs[..used]) { Attributes = [.. attributes], Outputs = isLstm ? 3 : 2 };
    }
}
