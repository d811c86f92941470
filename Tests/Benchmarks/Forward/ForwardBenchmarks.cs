using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Forward;

/// <summary>One picture through OnnxModule, through the same network written by hand, and through ONNX Runtime.</summary>
[Config(typeof(RatioConfig))]
public class ForwardBenchmarks
{
    private static readonly Dictionary<string, Func<(nn.Module<Tensor, Tensor> Module, OnnxModel Model)>> Networks = new()
    {
        ["ResNet-18"] = () => With(new ResNet18(), ResNet18.Graph),
        ["MobileNetV2"] = () => With(new MobileNetV2(), MobileNetV2.Graph),
    };

    private nn.Module<Tensor, Tensor> _byHand = null!;
    private OnnxModule _graph = null!;
    private InferenceSession _session = null!;
    private Tensor _input = null!;
    private OrtValue _ortInput = null!;

    public static IEnumerable<string> Names => Networks.Keys;

    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Load()
    {
        (_byHand, OnnxModel model) = Networks[Network]();
        _byHand.eval();
        _graph = new OnnxModule(model);
        _graph.eval();
        _session = new InferenceSession(model.Proto.ToByteArray());
        _input = rand(1, 3, 224, 224);
        _ortInput = OrtValue.CreateTensorValueFromMemory(_input.data<float>().ToArray(), [1, 3, 224, 224]);
    }

    [GlobalCleanup]
    public void Free()
    {
        _ortInput.Dispose();
        _input.Dispose();
        _session.Dispose();
        _graph.Dispose();
        _byHand.Dispose();
    }

    [Benchmark(Baseline = true)]
    public long ByHand() => Forward(_byHand);

    [Benchmark]
    public long OnnxModule() => Forward(_graph);

    [Benchmark]
    public long OnnxRuntime()
    {
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, ["input"], [_ortInput], _session.OutputNames);
        return results.Count;
    }

    private long Forward(nn.Module<Tensor, Tensor> module)
    {
        using IDisposable noGradients = no_grad();
        using Tensor output = module.call(_input);
        return output.numel();
    }

    private static (nn.Module<Tensor, Tensor>, OnnxModel) With(nn.Module<Tensor, Tensor> module, Func<nn.Module, OnnxModel> graph) =>
        (module, graph(module));
}
