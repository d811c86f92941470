using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Compare;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Benchmarks.Compare;

/// <summary>
/// Comparing two networks on a picture against what it takes to dump both: every tensor of each, raw, into a file. The ResNet-18 is random.
/// </summary>
[Config(typeof(RatioConfig))]
public class CompareBenchmarks
{
    private string _folder = "";
    private TensorData _input = null!;
    private ActivationSession _a = null!, _b = null!;
    private ModelComparer _whole = null!, _layers = null!;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("cnnonnx-bench").FullName;
        using var network = new ResNet18();
        OnnxModel model = ResNet18.Graph(network);
        var random = new Random(1);
        _input = TensorData.FromArray([.. Enumerable.Range(0, 3 * 224 * 224).Select(_ => random.NextSingle())],
            new TensorShape(1, 3, 224, 224));
        var options = new CompareOptions();
        (_a, _b) = (ActivationSession.Open(model, options.A), ActivationSession.Open(model, options.A));
        _whole = ModelComparer.Open(model, model, options with { LocalInputs = 0 });
        _layers = ModelComparer.Open(model, model, options with { LocalInputs = int.MaxValue, Effects = 0 });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in new IDisposable[] { _a, _b, _whole, _layers })
            owned.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public void TwoDumps()
    {
        Dump(_a, "a.npz");
        Dump(_b, "b.npz");
    }

    [Benchmark]
    public void Compare() => _whole.Add(_input);

    [Benchmark]
    public void CompareWithEachLayerAlone() => _layers.Add(_input);

    private void Dump(ActivationSession session, string name)
    {
        using Activations run = session.Run(_input);
        using FileStream file = File.Create(Path.Combine(_folder, name));
        using var npz = new NpzWriter(file);
        foreach (Activation activation in run)
            npz.Add(activation.Name, new TensorData(activation.ElementType, activation.Shape, activation.Raw.ToArray()));
    }
}
