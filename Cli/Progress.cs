using System.Globalization;
using System.Text;

namespace CnnOnnx.Cli;

/// <summary>
/// The progress of one long piece of work. On a terminal a bar with rate and time left; redirected, a plain line at a tenth of the
/// way, no more often than every ten seconds, or after 30 quiet seconds.
/// </summary>
internal sealed class Progress : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan QuietInterval = TimeSpan.FromSeconds(30);

    // Work that is done sooner leaves no milestones.
    private static readonly TimeSpan MilestoneInterval = TimeSpan.FromSeconds(10);

    private readonly Terminal _terminal;
    private readonly string _title;
    private readonly long _total;
    private readonly string _unit;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Lock _lock = new();
    private long _done;
    private long _lastShown;
    private int _lastTenth;
    private int _lastWidth;

    public Progress(Terminal terminal, string title, long total, string unit, TimeProvider time)
    {
        (_terminal, _title, _total, _unit, _time) = (terminal, title, total, unit, time);
        _started = _lastShown = time.GetTimestamp();
        terminal.Bar = this;
    }

    /// <summary>Counts steps that are done; the detail (such as the loss) stands behind the bar.</summary>
    public void Advance(long steps = 1, string detail = "")
    {
        if (_terminal.Quiet)
            return;
        lock (_lock)
        {
            _done += steps;
            if (_terminal.IsInteractive)
                ShowBar(detail);
            else
                ShowMilestone(detail);
        }
    }

    /// <summary>Writes a line above the bar.</summary>
    public void Note(string line)
    {
        lock (_lock)
            _terminal.Note(line);
    }

    /// <summary>Takes the bar off the screen until the next step.</summary>
    public void Erase()
    {
        lock (_lock)
        {
            if (_lastWidth > 0)
                _terminal.Error.Write("\r" + new string(' ', _lastWidth) + "\r");
            _lastWidth = 0;
        }
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        Erase();
        _terminal.Bar = null;
    }

    private void ShowBar(string detail)
    {
        if (_time.GetElapsedTime(_lastShown) < BarInterval && _done < _total)
            return;
        _lastShown = _time.GetTimestamp();
        int filled = (int)(BarWidth * Share);
        var line = new StringBuilder(_title).Append(' ')
            .Append('█', filled).Append('░', BarWidth - filled)
            .Append(CultureInfo.InvariantCulture, $" {Done} {_unit}  {Rate}  {Left}  {detail}");
        // A line that wraps could not be erased.
        line.Length = Math.Min(line.Length, (_terminal.ErrorColumns ?? int.MaxValue) - 1);
        int width = line.Length;
        _terminal.Error.Write("\r" + line.Append(' ', Math.Max(0, _lastWidth - width)));
        _lastWidth = width;
    }

    private void ShowMilestone(string detail)
    {
        int tenth = (int)(10 * Share);
        // The end is told by the result.
        if (_total > 0 && _done >= _total)
            return;
        if (_time.GetElapsedTime(_lastShown) < (tenth == _lastTenth ? QuietInterval : MilestoneInterval))
            return;
        (_lastTenth, _lastShown) = (tenth, _time.GetTimestamp());
        _terminal.Error.WriteLine($"{_title} {Done} {_unit}  {Rate}  {Left}  {detail}".TrimEnd());
    }

    // A camera goes on until it is stopped: there is no total.
    private string Done => _total > 0 ? $"{_done}/{_total}" : $"{_done}";

    private double Share => _total <= 0 ? 1 : Math.Min(1, (double)_done / _total);

    private string Rate => $"{_done / Math.Max(1e-3, _time.GetElapsedTime(_started).TotalSeconds):0.#} {_unit}/s";

    private string Left
    {
        get
        {
            if (_done == 0 || _total <= 0)
                return "";
            TimeSpan left = _time.GetElapsedTime(_started) * ((double)(_total - _done) / _done);
            return left < TimeSpan.FromHours(1) ? $"{left:mm\\:ss} left" : $"{left:d\\.hh\\:mm\\:ss} left";
        }
    }
}
