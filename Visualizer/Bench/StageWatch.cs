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
    /// <param name="isRepeatable">The work may be done several times in a row.</param>
    public void Time(Action work, bool counts, bool isRepeatable)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < _repeats; i++)
            work();
        double milliseconds = watch.Elapsed.TotalMilliseconds / _repeats;
        double processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / _repeats;
        if (counts)
        {
            _milliseconds.Add(milliseconds);
            _processor.Add(processor);
        }
        else if (isRepeatable)
        {
            _repeats = (int)Math.Clamp(EnoughMilliseconds / milliseconds, 1, MostRepeats);
        }
    }

    private static double MedianOf(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
