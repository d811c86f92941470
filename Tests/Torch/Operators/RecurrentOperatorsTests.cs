using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class RecurrentOperatorsTests
{
    [TestMethod]
    [DataRow("RNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Run_AnyOptions_AgreesWithOrt(string type) =>
        AllAgreeWithOrt(RecurrentNodes.Of(type, (shape, seed) => Floats(shape, seed, -1, 1)), count: 200);

    // ONNX Runtime takes no batch in front, so the referee is the other layout.
    [TestMethod]
    [DataRow("RNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Run_BatchFirst_IsTheSameTransposed(string type)
    {
        int gates = RecurrentNodes.Gates[type];
        TensorData weight = Floats([2, 3 * gates, 4], 1), recurrent = Floats([2, 3 * gates, 3], 2);
        OperatorCheck Node(int layout, TensorData input, TensorData state) =>
            new(type, 14, input, weight, recurrent, null, null, state)
            {
                Attributes = [("direction", "bidirectional"), ("layout", layout)],
                Outputs = 2
            };
        // The same numbers, once as [5, 2, 4] and once as [2, 5, 4].
        TensorData input = Floats([5, 2, 4], 3), state = Floats([2, 2, 3], 4);

        TensorData[] stepsFirst = Node(0, input, state).RunTorch();
        TensorData[] batchFirst = Node(1, Swapped(input), Swapped(state)).RunTorch();

        // [steps, directions, batch, hidden] against [batch, steps, directions, hidden]
        Assert.AreEqual("[2, 5, 2, 3]", batchFirst[0].Shape.ToString());
        float[] first = stepsFirst[0].As<float>().ToArray(), second = batchFirst[0].As<float>().ToArray();
        for (int step = 0; step < 5; step++)
            for (int direction = 0; direction < 2; direction++)
                for (int batch = 0; batch < 2; batch++)
                    for (int h = 0; h < 3; h++)
                        Assert.AreEqual(first[(((step * 2) + direction) * 2 + batch) * 3 + h],
                            second[(((batch * 5) + step) * 2 + direction) * 3 + h], 1e-6f);
        Assert.IsNull(Difference(batchFirst[1], Swapped(stepsFirst[1]), relative: 0, absolute: 1e-6));
    }

    [TestMethod]
    public void Run_WrongShapes_AreRefused()
    {
        TensorData input = Floats([2, 1, 4], 1), recurrent = Floats([1, 12, 3], 3);
        new OperatorCheck("LSTM", 14, input, Floats([1, 12, 5], 2), recurrent).IsRefused("input 1 is [1, 12, 5], expected [1, 12, 4]");
        new OperatorCheck("LSTM", 14, input, Floats([1, 12, 4], 2), recurrent, null, Vector(3))
            .IsRefused("has sequence lengths 3, expected 1 from 0 to 2");
        new OperatorCheck("LSTM", 14, input, Floats([1, 12, 4], 2), recurrent) { Attributes = [("activations", new[] { "Tanh" })] }
            .IsRefused("attribute 'activations' has 1 names, expected 3");
        new OperatorCheck(
            "LSTM", 14, input, Floats([1, 12, 4], 2), recurrent)
        { Attributes = [("activations", new[] { "Tanh", "Tan", "Tanh" })] }
            .IsRefused("attribute 'activations' has 'Tan', expected some of Affine, Elu,");
    }

    /// <summary>The first two axes exchanged.</summary>
    private static TensorData Swapped(TensorData data)
    {
        using TorchSharp.torch.Tensor tensor = TorchTensors.From(data, TorchSharp.torch.CPU);
        using TorchSharp.torch.Tensor swapped = tensor.transpose(0, 1);
        using TorchSharp.torch.Tensor dense = swapped.contiguous();
        return TorchTensors.ToData(dense);
    }
}
