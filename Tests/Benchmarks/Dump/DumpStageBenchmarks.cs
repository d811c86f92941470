using BenchmarkDotNet.Attributes;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Visualizer.Survey;
using OpenCvSharp;

namespace CnnOnnx.Benchmarks.Dump;

/// <summary>
/// Where the time of a dumped picture goes, stage by stage, all tensors of a network on one thread; and all stages on all
/// cores, which is the road from a picture to finished files but for manifest and report. MobileNetV2 with random weights on
/// smooth noise, or the model and the picture that CNNONNX_BENCH_MODEL and CNNONNX_BENCH_PICTURE name.
/// </summary>
[Config(typeof(RatioConfig))]
public class DumpStageBenchmarks
{
    private readonly MosaicOptions _look = new();
    private ActivationSession _session = null!;
    private Mat _picture = null!;
    private Activations _seen = null!;
    private TensorNumbers[] _numbers = [];
    private IndexedPicture[] _drawn = [];
    private string _folder = "";

    [GlobalSetup]
    public void Setup()
    {
        // A core against a core.
        Cv2.SetNumThreads(1);
        _session = Environment.GetEnvironmentVariable("CNNONNX_BENCH_MODEL") is { } model ? ActivationSession.Open(model) : OpenRandom();
        _picture = Environment.GetEnvironmentVariable("CNNONNX_BENCH_PICTURE") is { } path ? Cv2.ImRead(path) : SmoothNoise();
        _seen = _session.Run(_picture);
        _numbers = [.. _seen.Select(TensorNumbers.Of)];
        _drawn = [.. _seen.Select(a => Mosaic.Draw(a, _look))];
        _folder = Directory.CreateTempSubdirectory("cnnonnx-bench").FullName;
        Console.WriteLine($"// {_seen.Count} tensors, {_seen.Sum(a => a.Shape.Count) / 1e6:0.0} million values, "
            + $"{_drawn.Sum(p => (long)p.Width * p.Height) / 1e6:0.0} Mpixel, {_drawn.Sum(p => p.EncodePng().Length) / 1e6:0.0} MB");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Directory.Delete(_folder, recursive: true);
        foreach (IndexedPicture picture in _drawn)
            picture.Dispose();
        _seen.Dispose();
        _picture.Dispose();
        _session.Dispose();
    }

    [Benchmark]
    public void Run() => _session.Run(_picture).Dispose();

    [Benchmark]
    public void Measure()
    {
        foreach (Activation activation in _seen)
            TensorNumbers.Of(activation);
    }

    [Benchmark]
    public void Survey()
    {
        var survey = new ChannelSurvey(_session.Model.Graph);
        var picture = new SurveyedPicture("picture");
        survey.Look(picture, _seen, _numbers);
        SurveyedFile.Write(_folder, picture);
        survey.Add(picture, 0);
    }

    [Benchmark]
    public void Draw()
    {
        foreach (Activation activation in _seen)
            Mosaic.Draw(activation, _look).Dispose();
    }

    [Benchmark]
    public void Encode()
    {
        foreach (IndexedPicture picture in _drawn)
            picture.EncodePng();
    }

    [Benchmark]
    public void Write()
    {
        for (int i = 0; i < _drawn.Length; i++)
            _drawn[i].WritePng(PathOf(i));
    }

    [Benchmark(Baseline = true)]
    public void AllOnAllCores()
    {
        using Activations seen = _session.Run(_picture);
        ParallelWork.For(seen.Count, Environment.ProcessorCount, CancellationToken.None, i =>
        {
            TensorNumbers.Of(seen[i]);
            using IndexedPicture picture = Mosaic.Draw(seen[i], _look);
            picture.WritePng(PathOf(i));
        });
    }

    private static ActivationSession OpenRandom()
    {
        using var weights = new MobileNetV2();
        return ActivationSession.Open(MobileNetV2.Graph(weights));
    }

    private static Mat SmoothNoise()
    {
        var picture = new Mat(224, 224, MatType.CV_8UC3);
        Cv2.Randu(picture, Scalar.All(0), Scalar.All(256));
        Cv2.GaussianBlur(picture, picture, new Size(0, 0), 5);
        Cv2.Normalize(picture, picture, 0, 255, NormTypes.MinMax);
        return picture;
    }

    private string PathOf(int index) => Path.Combine(_folder, $"{index}.png");
}
