using System.Globalization;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Attribution;

/// <summary>
/// What each method costs at the last feature map, in forward passes: predicted by counting multiplications, and measured against ONNX
/// Runtime's run of the plain model right before it, both on one thread, in processor time: it is work that is counted, and others on the
/// machine hardly change it. A Markdown table. Run with the argument --method-costs, a classifier's file and methods, none for all.
/// </summary>
internal static class MethodCosts
{
    private const int Side = 224, Rounds = 9;

    // Longer runs are not repeated.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    /// <param name="path">File of the classifier.</param>
    /// <param name="methods">Methods that are measured; none for all.</param>
    public static void Run(string path, string[] methods)
    {
        OnnxModel model = OnnxModel.Read(path);
        string name = model.Graph.Inputs[0].Name;
        using DisposeScope scope = NewDisposeScope();
        Tensor image = rand(1, 3, Side, Side);
        using var explainer = new Explainer(model, new() { Baselines = [zeros(1, 3, Side, Side)], Threads = 1 });
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(path, settings);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(image.data<float>().ToArray(), [1, 3, Side, Side]);
        TimeSpan Plain() => Time(() => session.Run(options, [name], [input], session.OutputNames).Dispose());
        var target = new AttributionTarget("281", "logit of class 281", [new TargetTerm(model.Graph.Outputs[0].Name, [0, 281], 1)]);
        Console.WriteLine($"| method, {Path.GetFileNameWithoutExtension(path)} | predicted | measured |\n|---|---:|---:|");
        foreach ((AttributionMethod method, string? leftOut) in explainer.Available([(name, image)], [target], []))
        {
            if (leftOut is not null || (methods.Length > 0 && !methods.Contains(method.Name)))
                continue;
            TimeSpan Explain() => Time(() => explainer.Explain([(name, image)], [target], [method.Name], []));
            // The first time opens sessions and modules.
            int rounds = Explain() < Long ? Rounds : 1;
            double[] ratios = [.. Enumerable.Range(0, rounds).Select(_ => Plain() + Plain() + Plain())
                .Select(plain => 3 * Explain().TotalSeconds / plain.TotalSeconds).Order()];
            double predicted = explainer.Cost([(name, image)], [target], [method.Name], [])[0].ForwardPasses;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {method.Name} | {predicted:0.0} | {ratios[ratios.Length / 2]:0.0} |"));
        }
    }

    // Of this process, all threads.
    private static TimeSpan Time(Action work)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        work();
        return Environment.CpuUsage.TotalTime - start;
    }
}
