using System.Diagnostics;
using System.Globalization;
using CnnOnnx.Benchmarks.Networks;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>
/// The trainer against the shortest loop over the same network that one would write in TorchSharp, by turns: what else the machine does
/// falls on both, and the median over the pairs is not moved by a burst. Processor time of all threads beside the clock's, since that of
/// two loops does not depend on who else has the cores. Run with the argument --training, a name or none for all, and the number of pairs.
/// </summary>
internal static class TrainingTimes
{
    private const int UsualPairs = 15, WarmUps = 2;

    private static readonly Dictionary<string, Func<TrainingPair>> Pairs = new()
    {
        ["lenet"] = LeNetEpoch,
        ["mobilenetv2"] = MobileNetEpoch,
        ["yolov3"] = () => new YoloStep(),
    };

    public static void Run(string[] args)
    {
        int pairs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : UsualPairs;
        Console.WriteLine($"{"",-14}{"by hand",12}{"trainer",12}{"ratio",10}{"ratios",18}{"processor",14}{"ratio",10}");
        foreach (string name in args.Length > 0 ? [args[0]] : Pairs.Keys.ToArray())
            using (TrainingPair pair = Pairs[name]())
                Measure(name, pair, pairs);
    }

    // 30,000 pictures in batches of 512.
    private static EpochPair LeNetEpoch()
    {
        const double rate = 0.05;
        var options = new TrainingOptions { Epochs = 1, Batch = 512, LearningRate = rate, Init = "xavier" };
        var byHand = new LeNet();
        return new EpochPair("lenet", 30_000, null, options, byHand, optim.SGD(byHand.parameters(), rate));
    }

    // 128 pictures of 128x128 in batches of 16.
    private static EpochPair MobileNetEpoch()
    {
        const double rate = 0.05, momentum = 0.9;
        var options = new TrainingOptions { Epochs = 1, Batch = 16, LearningRate = rate, Optimizer = "momentum", Momentum = momentum };
        var byHand = new MobileNetV2();
        return new EpochPair("mobilenetv2", 128, 128, options, byHand, optim.SGD(byHand.parameters(), rate, momentum: momentum));
    }

    private static void Measure(string name, TrainingPair pair, int pairs)
    {
        for (int i = 0; i < WarmUps; i++)
            _ = (pair.ByHand(), pair.Trainer());
        (Spent ByHand, Spent Trainer)[] all = [.. Enumerable.Range(0, pairs).Select(i =>
        {
            // neither is always the one that finds the other's memory freed
            if (i % 2 == 0)
                return (Of(pair.ByHand), Of(pair.Trainer));
            Spent trainer = Of(pair.Trainer);
            return (Of(pair.ByHand), trainer);
        })];
        double[] ratios = [.. all.Select(each => each.Trainer.Clock / each.ByHand.Clock).Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-14}{Median(all.Select(each => each.ByHand.Clock)),9:F1} ms{Median(all.Select(each => each.Trainer.Clock)),9:F1} ms"
            + $"{Median(ratios),10:F3}{$"{ratios[0]:F2} to {ratios[^1]:F2}",18}"
            + $"{Median(all.Select(each => each.Trainer.Processor)),11:F1} ms"
            + $"{Median(all.Select(each => each.Trainer.Processor / each.ByHand.Processor)),10:F3}"));
    }

    private static Spent Of(Func<double> loop)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        _ = loop();
        TimeSpan clock = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        return new Spent(clock.TotalMilliseconds, (process.TotalProcessorTime - before).TotalMilliseconds);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    // Milliseconds.
    private readonly record struct Spent(double Clock, double Processor);
}

/// <summary>The same work twice: as the trainer does it, and in the shortest loop that one would write in TorchSharp.</summary>
internal abstract class TrainingPair : IDisposable
{
    /// <summary>Runs the shortest loop; returns its loss.</summary>
    public abstract double ByHand();

    /// <summary>Runs the trainer; returns its loss.</summary>
    public abstract double Trainer();

    public abstract void Dispose();
}
