using System.Diagnostics;
using System.Globalization;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Attribution;

/// <summary>
/// Grad-CAM at the last feature map of a classifier's file against ONNX Runtime's run of it, by turns, so that what else the machine does
/// falls on both. Run with the argument --grad-cam, the file and the number of rounds; without a number each line of the input asks for one
/// round, and peer_grad_cam.py asks in turn with another tool.
/// </summary>
internal sealed class GradCamTimes : IDisposable
{
    private const int Side = 224, WarmUps = 20;

    private readonly Explainer _explainer;
    private readonly InferenceSession _session;
    private readonly Tensor _input;
    private readonly OrtValue _ortInput;
    private readonly AttributionTarget _target;
    private readonly string _name;

    private GradCamTimes(string path)
    {
        OnnxModel model = OnnxModel.Read(path);
        _name = model.Graph.Inputs[0].Name;
        _explainer = new Explainer(model);
        _session = new InferenceSession(path);
        _input = rand(1, 3, Side, Side);
        _ortInput = OrtValue.CreateTensorValueFromMemory(_input.data<float>().ToArray(), [1, 3, Side, Side]);
        _target = new AttributionTarget("281", "logit of class 281", [new TargetTerm(model.Graph.Outputs[0].Name, [0, 281], 1)]);
        for (int i = 0; i < WarmUps; i++)
            _ = Round();
    }

    public static void Run(string path, int? rounds)
    {
        using var times = new GradCamTimes(path);
        if (rounds is { } count)
        {
            (double Plain, double Map)[] all = [.. Enumerable.Range(0, count).Select(_ => times.Round())];
            double plain = Median(all.Select(round => round.Plain)), map = Median(all.Select(round => round.Map));
            double ratio = Median(all.Select(round => round.Map / round.Plain));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"plain {plain:F2} ms, Grad-CAM {map:F2} ms, medians of {count}; median ratio {ratio:F2}, least of each "
                + $"{all.Min(round => round.Plain):F2} and {all.Min(round => round.Map):F2} ms"));
            return;
        }

        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            (double plain, double map) = times.Round();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plain:F4} {map:F4}"));
        }
    }

    public void Dispose()
    {
        _ortInput.Dispose();
        _input.Dispose();
        _session.Dispose();
        _explainer.Dispose();
    }

    // Milliseconds.
    private (double Plain, double Map) Round()
    {
        long start = Stopwatch.GetTimestamp();
        using (var options = new RunOptions())
        using (IDisposableReadOnlyCollection<OrtValue> results =
            _session.Run(options, [_name], [_ortInput], _session.OutputNames))
            _ = results.Count;
        TimeSpan plain = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        _ = _explainer.Explain([(_name, _input)], [_target], ["grad-cam"], []);
        return (plain.TotalMilliseconds, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
