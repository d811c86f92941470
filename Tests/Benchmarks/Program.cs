using System.Globalization;
using BenchmarkDotNet.Running;
using CnnOnnx.Benchmarks.Attribution;
using CnnOnnx.Benchmarks.Training;

namespace CnnOnnx.Benchmarks;

internal static class Program
{
    /// <summary>An argument with which the program ends at once: what starting .NET alone takes.</summary>
    public const string Nothing = "--nothing";

    // Arguments that are not for BenchmarkDotNet.
    private static readonly Dictionary<string, Action> Verbs = new()
    {
        [Nothing] = () => { },
        ["--compare-memory"] = Compare.CompareMemory.Run,
        ["--flat-memory"] = FlatMemoryBenchmarks.Run,
    };

    public static void Main(string[] args)
    {
        if (args is ["--attribution", var folder, .. var methods])
            PeerMaps.Run(folder, methods);
        else if (args is ["--method-costs", var classifier, .. var measured])
            MethodCosts.Run(classifier, measured);
        else if (args is ["--grad-cam", var model, .. { Length: < 2 } rounds])
            GradCamTimes.Run(model, rounds is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : null);
        else if (args is ["--training", .. { Length: < 3 } trained])
            TrainingTimes.Run(trained);
        else if (args is [var only] && Verbs.TryGetValue(only, out Action? verb))
            verb();
        else
            Measure(args);
    }

    // Apart, so that starting .NET alone loads nothing more.
    private static void Measure(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
