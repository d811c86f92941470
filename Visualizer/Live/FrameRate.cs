namespace CnnOnnx.Visualizer.Live;

/// <summary>Frames a second, averaged over about the last ten frames.</summary>
internal sealed class FrameRate(TimeProvider time)
{
    private const double Weight = 0.1;
    private long? _last;
    private double _seconds;

    /// <summary>0 until two frames were counted.</summary>
    public double PerSecond => _seconds > 0 ? 1 / _seconds : 0;

    public void Count()
    {
        long now = time.GetTimestamp();
        if (_last is { } last)
        {
            double took = time.GetElapsedTime(last, now).TotalSeconds;
            _seconds = _seconds == 0 ? took : _seconds + Weight * (took - _seconds);
        }

        _last = now;
    }

    /// <summary>What comes next does not follow on what was: after a pause.</summary>
    public void Pause() => _last = null;
}
