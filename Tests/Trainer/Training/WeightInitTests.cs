using CnnOnnx.Imaging;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class WeightInitTests
{
    // fc1 of LeNet is [120, 400], conv2 is [16, 6, 5, 5] with 150 inputs and 400 outputs a number.
    [TestMethod]
    [DataRow("xavier", "fc1.weight", 0.0620174)] // sqrt(2 / 520)
    [DataRow("kaiming", "fc1.weight", 0.0707107)] // sqrt(2 / 400)
    [DataRow("normal", "fc1.weight", 0.01)]
    [DataRow("xavier", "conv2.weight", 0.0603023)] // sqrt(2 / 550)
    [DataRow("kaiming", "conv2.weight", 0.1154701)] // sqrt(2 / 150)
    public void Fill_Weights_HaveTheSpreadOfTheirLayer(string init, string name, double expected)
    {
        using DisposeScope scope = NewDisposeScope();
        using OnnxModule module = LeNet(init, 5);
        Tensor weight = module.get_parameter(name)!;
        // the sample's own spread, within four standard errors of it
        double error = 4 / Math.Sqrt(2.0 * weight.numel());
        Assert.AreEqual(1, weight.std().ToDouble() / expected, error);
        Assert.AreEqual(0, weight.mean().ToDouble() / expected, 4 / Math.Sqrt(weight.numel()));
    }

    [TestMethod]
    public void Fill_Seed_DecidesTheWeights()
    {
        using OnnxModule first = LeNet("xavier", 5), again = LeNet("xavier", 5), other = LeNet("xavier", 6);
        Assert.AreEqual(Toys.Bytes(first), Toys.Bytes(again));
        Assert.AreNotEqual(Toys.Bytes(first), Toys.Bytes(other));
    }

    [TestMethod]
    public void Fill_Biases_AreZero()
    {
        using OnnxModule module = LeNet("kaiming", 5);
        foreach ((string name, var parameter) in module.named_parameters())
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                Assert.AreEqual(0, parameter.abs().max().ToDouble(), name);
    }

    [TestMethod]
    public void Fill_WeightsThatAModelBringsAlong_AreKept()
    {
        using var folder = new CnnOnnx.Tests.Support.TemporaryFolder();
        using OnnxModule trained = LeNet("kaiming", 5);
        trained.Model.Save(folder.File("a.onnx"), trained.CurrentBytes);
        using var module = new OnnxModule(CnnOnnx.Onnx.OnnxModel.Read(folder.File("a.onnx")));
        WeightInit.Fill(module, "xavier");
        Assert.AreEqual(Toys.Bytes(trained), Toys.Bytes(module));
    }

    private static OnnxModule LeNet(string init, int seed)
    {
        Architecture row = ArchitectureTable.Find("lenet")!;
        var module = new OnnxModule(row.Build(new InputSpec { Size = new(28, 28), Channels = ChannelOrder.Gray }, 10));
        _ = manual_seed(seed);
        WeightInit.Fill(module, init);
        return module;
    }
}
