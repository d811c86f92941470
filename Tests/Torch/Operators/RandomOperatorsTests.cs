using CnnOnnx.Tensors;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class RandomOperatorsTests
{
    private const int Many = 40_000;

    [TestMethod]
    public void Dropout_InInference_PassesThrough()
    {
        foreach ((int opset, ElementType mask) in new[] { (6, ElementType.Float), (7, ElementType.Float), (10, ElementType.Bool),
            (13, ElementType.Bool) })
        {
            TensorData x = Floats([4, 5], 1);
            TensorData[] results = new OperatorCheck("Dropout", opset, x) { Outputs = 2 }.RunTorch();
            Assert.IsNull(Difference(results[0], x, 0, 0));
            Assert.AreEqual(mask, results[1].Type, $"opset {opset}");
            Assert.IsTrue(Numbers(results[1]).All(v => v == 1));
        }
    }

    [TestMethod]
    public void Dropout_InTraining_DropsTheRatioAndScalesTheRest()
    {
        TensorData x = Floats([Many], 1, 1, 2);
        OperatorCheck[] checks =
        [
            new("Dropout", 7, x) { Attributes = [("ratio", 0.25f)], Training = true, Outputs = 2 },
            new("Dropout", 13, x, Scalar(0.25f)) { Training = true, Outputs = 2 },
            new("Dropout", 13, x, Scalar(0.25f), new TensorData(ElementType.Bool, TensorShape.Scalar, new byte[] { 1 })) { Outputs = 2 },
        ];
        foreach (OperatorCheck check in checks)
        {
            TensorData[] results = check.RunTorch();
            double[] kept = Numbers(results[1]), scaled = Numbers(results[0]), original = Numbers(x);
            // Five standard deviations of a share of 40,000.
            Assert.AreEqual(0.75, kept.Average(), 5 * Math.Sqrt(0.75 * 0.25 / Many));
            for (int i = 0; i < Many; i++)
                Assert.AreEqual(original[i] * kept[i] / 0.75, scaled[i], 1e-5);
        }
    }

    [TestMethod]
    public void Random_Generators_HaveTheMomentsAndTypesAskedFor()
    {
        TensorData like = Doubles([Many], 1);
        (OperatorCheck Check, double Mean, double Deviation, ElementType Type)[] cases =
        [
            (new("RandomNormal", 1) { Attributes = [("shape", new[] { Many }), ("mean", 2f), ("scale", 3f)] }, 2, 3, ElementType.Float),
            (new("RandomNormalLike", 1, like) { Attributes = [("mean", -1f)] }, -1, 1, ElementType.Double),
            (new("RandomUniform",
                1) { Attributes = [("shape", new[] { Many }), ("low", 1f), ("high", 5f), ("dtype", (int)ElementType.Float16)] },
                3, 4 / Math.Sqrt(12), ElementType.Float16),
            (new("RandomUniformLike", 1, like) { Attributes = [("dtype", (int)ElementType.Float)] }, 0.5, 1 / Math.Sqrt(12),
                ElementType.Float),
            (new("Bernoulli", 15, Doubles([Many], 1, 0.3, 0.3)) { Attributes = [("dtype", (int)ElementType.Int32)] },
                0.3, Math.Sqrt(0.21), ElementType.Int32),
        ];
        foreach ((OperatorCheck check, double mean, double deviation, ElementType type) in cases)
        {
            TensorData result = check.RunTorch()[0];
            double[] numbers = Numbers(result);
            double found = numbers.Average();
            Assert.AreEqual(type, result.Type, check.OpType);
            Assert.AreEqual(mean, found, 5 * deviation / Math.Sqrt(Many) + 1e-3, check.OpType);
            Assert.AreEqual(deviation, Math.Sqrt(numbers.Average(v => (v - found) * (v - found))), 0.03 * deviation, check.OpType);
        }
    }

    [TestMethod]
    public void Multinomial_Samples_FollowTheProbabilities()
    {
        // Logarithms of 1 : 3, not normalised.
        var check = new OperatorCheck("Multinomial", 7, TensorData.FromArray([0f, MathF.Log(3)], new TensorShape(1, 2)))
        {
            Attributes = [("sample_size", Many), ("dtype", (int)ElementType.Int64)],
        };
        TensorData result = check.RunTorch()[0];
        Assert.AreEqual(ElementType.Int64, result.Type);
        Assert.AreEqual(0.75, Numbers(result).Average(), 5 * Math.Sqrt(0.75 * 0.25 / Many));
    }

    [TestMethod]
    public void RandomNormal_WithSeed_RepeatsItself()
    {
        var check = new OperatorCheck("RandomNormal", 1) { Attributes = [("shape", new[] { 5 }), ("seed", 7f)] };
        CollectionAssert.AreEqual(Numbers(check.RunTorch()[0]), Numbers(check.RunTorch()[0]));
    }

    [TestMethod]
    public void Random_SenselessAttributes_AreRefused()
    {
        new OperatorCheck("Dropout", 7, Floats([2], 1)) { Attributes = [("ratio", 1f)] }.IsRefused("ratio is 1, expected 0 to below 1");
        new OperatorCheck("RandomNormal", 1) { Attributes = [("shape", new[] { 1 << 20, 1 << 20 })] }
            .IsRefused("would make a tensor of shape [1048576, 1048576]");
        new OperatorCheck("Multinomial", 7, Floats([2], 1)).IsRefused("input 0 has 1 axes, expected 2");
    }
}
