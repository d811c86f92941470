using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Attribution;

/// <summary>Methods of attribution against one run of the plain model in ONNX Runtime.</summary>
[Config(typeof(RatioConfig))]
public class AttributionBenchmarks
{
    private static readonly Dictionary<string, Func<OnnxModel>> Networks = new()
    {
        ["ResNet-18"] = () => ResNet18.Graph(new ResNet18()),
        ["MobileNetV2"] = () => MobileNetV2.Graph(new MobileNetV2()),
    };

    private Explainer _explainer = null!;
    private InferenceSession _session = null!;
    private Tensor _input = null!;
    private OrtValue _ortInput = null!;
    private AttributionTarget _target = null!;
    private string[] _all = [];

    public static IEnumerable<string> Names => Networks.Keys;

    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Load()
    {
        OnnxModel model = Networks[Network]();
        _explainer = new Explainer(model);
        _session = new InferenceSession(model.Proto.ToByteArray());
        _input = rand(1, 3, 224, 224);
        _ortInput = OrtValue.CreateTensorValueFromMemory(_input.data<float>().ToArray(), [1, 3, 224, 224]);
        string logits = model.Graph.Outputs[0].Name;
        _target = new AttributionTarget("281", "logit of class 281", [new TargetTerm(logits, [0, 281], 1)]);
        _all = [.. AttributionLayers.Resolve(model, _explainer.Shapes([("input", _input)]), ["all"])];
    }

    [GlobalCleanup]
    public void Free()
    {
        _ortInput.Dispose();
        _input.Dispose();
        _session.Dispose();
        _explainer.Dispose();
    }

    [Benchmark(Baseline = true)]
    public long OnnxRuntime()
    {
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, ["input"], [_ortInput], _session.OutputNames);
        return results.Count;
    }

    [Benchmark]
    public int GradCamAtTheLastLayer() => Explain("grad-cam");

    [Benchmark]
    public int GradCamAtAllLayers() => Explain("grad-cam", _all);

    [Benchmark]
    public int GuidedGradCamAtAllLayers() => Explain("guided-grad-cam", _all);

    [Benchmark]
    public int AblationCamAtTheLastLayer() => Explain("ablation-cam");

    [Benchmark]
    public int ReciproCamAtTheLastLayer() => Explain("recipro-cam");

    private int Explain(string method, params string[] layers) =>
        _explainer.Explain([("input", _input)], [_target], [method], layers).Count;
}
