using System.Diagnostics;

namespace CnnOnnx.Visualizer.Bench;

/// <summary>Times the runs of one stage.</summary>
internal sealed class StageWatch(string name)
{
    private readonly List<double> _milliseconds = [];
    private readonly List<double> _processor = [];

    public BenchStage Median => new(name, MedianOf(_milliseconds), MedianOf(_processor));

    public void Time(Action work, bool counts)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        work();
        if (!counts)
            return;
        _milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        _processor.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
    }

    private static double MedianOf(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
