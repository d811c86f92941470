using System.Globalization;
using System.Text;
using CnnOnnx.Compare;

namespace CnnOnnx.Pages;

/// <summary>
/// Error over depth, and below it both networks as strips with a column a pair, on one x axis:
/// <code>
/// 100 % ┤            ╭──────  line: cumulative, dots: local, dashed: tolerance
/// 10⁻⁸  ┤────────────╯
/// 0     ┤  · ·  ·   ·  · ·    exact zeros
///   A    □ □ □ □ □ □ ■ □ □
///   B    □ □ □ □ □ □ ■ □ □
/// </code>
/// </summary>
internal sealed class DepthPlot
{
    private const int MostLabels = 3;
    private const double LabelHeight = 34, Left = 44, Right = 1016, Top = 14, Bottom = 196, ZeroLine = 210, Lowest = 1e-8;

    private readonly IReadOnlyList<PairComparison> _pairs;
    private readonly double _step, _highest;
    private readonly bool _isOther;
    private readonly StringBuilder _svg = new();

    private DepthPlot(IReadOnlyList<PairComparison> pairs)
    {
        _pairs = pairs;
        // Of other weights every layer makes another thing, and none is the first.
        _isOther = pairs.All(p => p.Finding is PairFinding.Equal or PairFinding.Different) && pairs.Any(p => p.Local is not null);
        _step = (Right - Left) / pairs.Count;
        double most = pairs.Select(p => Math.Max(p.Cumulative.RelativeError, p.Local?.RelativeError ?? 0)).Where(double.IsFinite)
            .DefaultIfEmpty(0).Max();
        _highest = Math.Clamp(Math.Pow(10, 2 * Math.Ceiling(Math.Log10(Math.Max(most, 1e-30)) / 2)), 1, 1e6);
    }

    /// <summary>Draws the plot of pairs in their order; nothing without any.</summary>
    public static Html Draw(IReadOnlyList<PairComparison> pairs)
    {
        if (pairs.Count == 0)
            return Html.Empty;
        var plot = new DepthPlot(pairs);
        plot.Axes();
        plot.Errors();
        plot.Strips();
        plot.Blocks();
        return Html.Of($"""
            <svg viewBox="0 0 1016 330" role="group" aria-label="relative error at every tensor, logarithmic" class="depth">{new Html(plot._svg.ToString())}</svg>
            """);
    }

    private double X(int place) => Left + (place + 0.5) * _step;

    private double Y(double error) => error <= Lowest ? Bottom
        : Top + (Bottom - Top) * (Math.Log10(_highest) - Math.Log10(Math.Min(error, _highest))) / Math.Log10(_highest / Lowest);

    private void Add(FormattableString markup) => _svg.Append(markup.ToString(CultureInfo.InvariantCulture));

    private void Axes()
    {
        foreach (int place in Faults())
            Add($"<rect x='{X(place) - _step / 2:0.#}' y='10' width='{Math.Max(_step, 2):0.#}' height='320' rx='4' class='band'/>");
        for (double line = Lowest; line <= _highest * 1.01; line *= 100)
        {
            Add($"<path class='line' d='M{Left} {Y(line):0.#}H{Right}'/>");
            Add($"<text x='36' y='{Y(line) + 4:0.#}' text-anchor='end'>{Tick(line)}</text>");
        }

        Add($"<text x='36' y='{ZeroLine + 4}' text-anchor='end'>0</text>");
        var steps = new StringBuilder();
        for (int i = 0; i < _pairs.Count; i++)
            steps.Append(CultureInfo.InvariantCulture,
                $"{(i == 0 ? 'M' : 'L')}{X(i) - _step / 2:0.#} {Y(_pairs[i].Tolerance.Relative):0.#}h{_step:0.#}");
        double tolerance = _pairs[0].Tolerance.Relative;
        Add($"<path class='tolerance' d='{steps}'/>");
        Add($"<text x='48' y='{Y(tolerance) - 6:0.#}'>tolerance {CompareText.Error(tolerance)}</text>");
    }

    private static string Tick(double value) => value >= 1 ? $"{100 * value:0} %" : CompareText.Error(value * 1.0000001);

    private void Errors()
    {
        string points = string.Join("L", _pairs.Select((p, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{X(i):0.#} {Y(Finite(p.Cumulative.RelativeError)):0.#}")));
        int first = _pairs.TakeWhile(p => p.Finding == PairFinding.Equal).Count();
        Add($"<path class='under' d='M{X(0):0.#} {Bottom}L{points}L{X(_pairs.Count - 1):0.#} {Bottom}z'/>");
        if (first < _pairs.Count)
        {
            string rest = string.Join("L", points.Split('L')[first..]);
            Add($"<path class='over' d='M{X(first):0.#} {Bottom}L{rest}L{X(_pairs.Count - 1):0.#} {Bottom}z'/>");
        }

        Add($"<path class='cumulative' d='M{points}'/>");
        for (int i = 0; i < _pairs.Count; i++)
            if (_pairs[i].Local is { } local)
            {
                (string kind, double radius) = _pairs[i].Finding == PairFinding.Introduced ? ("local hot", 5)
                    : local.RelativeError < Lowest ? ("local zero", 1.4) : ("local", 2.6);
                double y = local.RelativeError < Lowest ? ZeroLine : Y(Finite(local.RelativeError));
                Add($"<circle class='{kind}' cx='{X(i):0.#}' cy='{y:0.#}' r='{radius:0.#}'/>");
            }

        double free = 0;
        foreach (int place in Faults().Take(MostLabels))
            free = Label(place, free);
    }

    // Where layers add a difference; where none does, the first that is out of tolerance.
    private IEnumerable<int> Faults()
    {
        int[] introduced = [.. Enumerable.Range(0, _pairs.Count).Where(i => _pairs[i].Finding == PairFinding.Introduced)];
        int first = _pairs.TakeWhile(p => p.Finding == PairFinding.Equal).Count();
        return introduced.Length > 0 ? introduced : first < _pairs.Count && !_isOther ? [first] : [];
    }

    private double Finite(double error) => double.IsFinite(error) ? error : _highest;

    // Labels of neighbours stand one below the other; the height that the next may begin at comes back.
    private double Label(int first, double free)
    {
        PairComparison pair = _pairs[first];
        bool isLate = X(first) > (Left + Right) / 2;
        string anchor = isLate ? "end" : "start";
        double x = X(first) + (isLate ? -1 : 1) * (_step / 2 + 8);
        double y = Math.Max(Math.Max(Y(Finite(pair.Cumulative.RelativeError)) - 18, 24), free);
        string name = System.Net.WebUtility.HtmlEncode(pair.Pair.Place);
        Add($"<text class='guilty' x='{x:0.#}' y='{y:0.#}' text-anchor='{anchor}'>{name}</text>");
        if (pair.Local is { } local)
            Add($"<text x='{x:0.#}' y='{y + 14:0.#}' text-anchor='{anchor}'>its own error {CompareText.Error(local.RelativeError)}</text>");
        return y + LabelHeight;
    }

    private void Strips()
    {
        double width = Math.Max(1.5, Math.Min(12, _step - Math.Min(4, _step / 4)));
        Add($"<text x='36' y='264' text-anchor='end'>A</text><text x='36' y='298' text-anchor='end'>B</text>");
        for (int i = 0; i < _pairs.Count; i++)
        {
            PairComparison pair = _pairs[i];
            string title = System.Net.WebUtility.HtmlEncode($"{pair.Pair.A} ⟷ {pair.Pair.B} · {pair.Pair.Operator} · "
                + $"{(pair.Local is { } local ? $"local {CompareText.Error(local.RelativeError)} · " : "")}"
                + $"cumulative {CompareText.Error(pair.Cumulative.RelativeError)} · paired by {pair.Pair.Evidence}");
            string kind = CompareText.ClassOf(pair.Finding), weight = pair.Pair.WeightDistance is null ? "" : " weighty";
            double x = X(i) - width / 2;
            Add($"<a href='#{PageCard.AnchorOf(i)}' class='{kind}{weight}' tabindex='-1'><title>{title}</title>");
            Add($"<path class='link-line' d='M{X(i):0.#} 266V288'/>");
            Add($"<rect class='a' x='{x:0.#}' y='254' width='{width:0.#}' height='12' rx='2.5'/>");
            Add($"<rect class='b' x='{x:0.#}' y='288' width='{width:0.#}' height='12' rx='2.5'/></a>");
        }
    }

    private void Blocks()
    {
        for (int start = 0; start < _pairs.Count;)
        {
            string block = CompareText.Block(_pairs[start].Pair);
            int end = start;
            while (end < _pairs.Count && CompareText.Block(_pairs[end].Pair) == block)
                end++;
            double from = X(start) - _step / 2 + 2, to = X(end - 1) + _step / 2 - 2;
            bool isGuilty = _pairs.Skip(start).Take(end - start).Any(p => p.Finding == PairFinding.Introduced);
            if (end - start > 1)
                Add($"<path class='block' d='M{from:0.#} 310H{to:0.#}'/>");
            // A letter is about six units wide.
            if (6.2 * block.Length <= to - from + 6)
            {
                string name = System.Net.WebUtility.HtmlEncode(block), kind = isGuilty ? " class='guilty small'" : "";
                Add($"<text{kind} x='{(from + to) / 2:0.#}' y='325' text-anchor='middle'>{name}</text>");
            }

            start = end;
        }
    }
}
