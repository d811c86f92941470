using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>First values of weights: normally distributed with a spread that depends on the layer's size, biases 0.</summary>
internal static class WeightInit
{
    /// <summary>Standard deviation by the number of inputs and outputs that a weight connects.</summary>
    public static FrozenDictionary<string, Func<double, double, double>> Spread { get; } =
        new Dictionary<string, Func<double, double, double>>
        {
            // Glorot and Bengio: https://proceedings.mlr.press/v9/glorot10a.html
            ["xavier"] = (inputs, outputs) => Math.Sqrt(2 / (inputs + outputs)),
            // He et al., for ReLU: https://arxiv.org/abs/1502.01852
            ["kaiming"] = (inputs, _) => Math.Sqrt(2 / inputs),
            ["normal"] = (_, _) => 0.01,
            // As wide as PyTorch's layers draw theirs: uniformly within 1 / √inputs.
            ["torch"] = (inputs, _) => Math.Sqrt(1 / (3 * inputs)),
        }.ToFrozenDictionary();

    /// <summary>Fills the parameters that the graph declares without values; draws from torch's random numbers.</summary>
    public static void Fill(OnnxModule module, string init)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        foreach ((string name, Parameter weight) in module.named_parameters())
        {
            if (module.Model.Graph.Initializer[name].HasData)
                continue;
            long[] shape = weight.shape;
            if (shape.Length < 2)
            {
                weight.zero_();
                continue;
            }

            // [outputs, inputs, window…]: every element of the window connects.
            double window = shape.Skip(2).Aggregate(1.0, (product, size) => product * size);
            (double outputs, double inputs) = HasInputsFirst(module.Model.Graph, name) ? (shape[1], shape[0]) : (shape[0], shape[1]);
            weight.normal_(0, Spread[init](inputs * window, outputs * window));
        }
    }

    private static bool HasInputsFirst(OnnxGraph graph, string weight) =>
        graph.Nodes.Any(n => n.HasInput(1) && n.Inputs[1] == weight
            && (n.OpType == "MatMul" || (n.OpType == "Gemm" && n.Int("transB", 0) == 0)));
}
