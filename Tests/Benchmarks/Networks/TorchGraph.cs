using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Networks;

/// <summary>Writes layers of a hand-written module as ONNX nodes, with the module's own weights.</summary>
internal sealed class TorchGraph(string name, nn.Module weights)
{
    private readonly Dictionary<string, Tensor> _state = weights.state_dict();

    public GraphBuilder Builder { get; } = new(name);

    public bool Has(string layer) => _state.ContainsKey($"{layer}.weight");

    public string Conv(string x, string layer, int kernel, int stride, int pad, int groups = 1) =>
        Builder.Node("Conv", layer, [x, Weight($"{layer}.weight")],
            ("kernel_shape", new[] { kernel, kernel }), ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }),
            ("group", groups));

    public string BatchNorm(string x, string layer) => Builder.Node("BatchNormalization", layer,
        [x, Weight($"{layer}.weight"), Weight($"{layer}.bias"), Weight($"{layer}.running_mean"), Weight($"{layer}.running_var")]);

    public string Relu(string x, string output) => Builder.Node("Relu", output, [x]);

    public string Relu6(string x, string output) => Builder.Node("Clip", output, [x, Scalar("zero", 0), Scalar("six", 6)]);

    /// <summary>Global average pool, fully connected layer, and the model.</summary>
    public OnnxModel Classifier(string x, string layer)
    {
        x = Builder.Node("Flatten", "flatten", [Builder.Node("GlobalAveragePool", "pool", [x])]);
        x = Builder.Node("Gemm", layer, [x, Weight($"{layer}.weight"), Weight($"{layer}.bias")], ("transB", 1));
        Builder.Output(x, ElementType.Float, "N", 1000);
        return Builder.Build();
    }

    private readonly HashSet<string> _scalars = [];

    private string Scalar(string name, float value) =>
        _scalars.Add(name) ? Builder.Initializer(name, TensorData.FromArray([value], TensorShape.Scalar)) : name;

    private string Weight(string name) => Builder.Initializer(name, TorchTensors.ToData(_state[name]));
}
