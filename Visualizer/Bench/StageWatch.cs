using System.Diagnostics;

namespace CnnOnnx.Visualizer.Bench;

/// <summary>Times the runs of one stage.</summary>
internal sealed class StageWatch(string name)
{
    // Work that takes less is repeated until it takes about so long, or the clock would be what is measured.
    private const double EnoughMilliseconds = 10;
    private const int MostRepeats = 200;

    private readonly List<double> _milliseconds = [];
    private readonly List<double> _processor = [];
    private int _repeats = 1;

    public BenchStage Median => new(name, MedianOf(_milliseconds), MedianOf(_processor));

    /// <summary>
    /// How much longer these runs took than those of another stage that came right before or behind them, each against its neighbour:
    /// what slows a machine down for a while meets both.
    /// </summary>
    /// <returns>By the clock, and by processor time.</returns>
    public (double Time, double Processor) RatioTo(StageWatch other) => (
        MedianOf([.. _milliseconds.Zip(other._milliseconds, (own, its) => own / its)]),
        MedianOf([.. _processor.Zip(other._processor, (own, its) => own / its)]));

    /// <param name="work">The stage.</param>
    /// <param name="counts">False to warm up.</param>
    public void Time(Action work, bool counts)
    {
        BenchStage mean = MeanOf(name, _repeats, () =>
        {
            for (int i = 0; i < _repeats; i++)
                work();
        });
        if (counts)
        {
            _milliseconds.Add(mean.Milliseconds);
            _processor.Add(mean.ProcessorMilliseconds);
        }
        else
        {
            _repeats = (int)Math.Clamp(EnoughMilliseconds / mean.Milliseconds, 1, MostRepeats);
        }
    }

    /// <summary>Times so many runs that cannot be told apart.</summary>
    /// <param name="name">Name of the stage.</param>
    /// <param name="runs">Number of runs.</param>
    /// <param name="work">All of them.</param>
    public static BenchStage MeanOf(string name, int runs, Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        work();
        double milliseconds = watch.Elapsed.TotalMilliseconds;
        return new BenchStage(name, milliseconds / runs, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / runs);
    }

    private static double MedianOf(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
