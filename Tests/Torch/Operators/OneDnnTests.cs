using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class OneDnnTests
{
    // Channels in and out: 8 and 16 fill oneDNN's blocks, the others do not. The referee is the same in double, which
    // oneDNN does not compute. 1e-4 is a hundred times what sums of a few hundred floats are off.
    [TestMethod]
    [DataRow(1, 9)]
    [DataRow(9, 5)]
    [DataRow(16, 16)]
    [DataRow(16, 6)]
    [DataRow(24, 24)]
    [DataRow(32, 24)]
    public void Convolution_OnceAModuleIsMade_AgreesWithDoublePrecision(int channels, int maps)
    {
        using DisposeScope scope = NewDisposeScope();
        using (new OnnxModule(SmallNetworks.Named("a")))
        {
        }

        Tensor input = rand(8, channels, 20, 20), weight = randn(maps, channels, 3, 3);
        Tensor[] Compute(ScalarType type)
        {
            Tensor x = input.to(type).detach().clone().requires_grad_(), w = weight.to(type).detach().clone().requires_grad_();
            Tensor y = nn.functional.conv2d(x, w, padding: [1, 1]);
            (y * y).sum().backward();
            return [y, x.grad!, w.grad!];
        }

        foreach ((Tensor single, Tensor exact) in Compute(ScalarType.Float32).Zip(Compute(ScalarType.Float64)))
            Assert.IsLessThan(1e-4 * exact.abs().max().item<double>(), (single.to(ScalarType.Float64) - exact).abs().max().item<double>());
    }
}
