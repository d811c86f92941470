using System.Text;

namespace CnnOnnx.Cli;

/// <summary>
/// Rows of text in columns as wide as they need to be; numbers stand to the right. Where a line would be too wide, names are cut in
/// the middle: their ends tell them apart.
/// </summary>
internal sealed class TextTable
{
    private const string Gap = "  ";

    // Of a column of names.
    private const int Narrowest = 12;

    private readonly string[] _titles;
    private readonly bool[] _right, _shrinks;
    private readonly List<string[]> _rows = [];

    /// <param name="titles">
    /// One a column; a title that starts with &gt; sets the column to the right, one that starts with ~ may be made narrower.
    /// </param>
    public TextTable(params string[] titles)
    {
        _right = [.. titles.Select(t => t.StartsWith('>'))];
        _shrinks = [.. titles.Select(t => t.StartsWith('~'))];
        _titles = [.. titles.Select(t => t.TrimStart('>', '~'))];
    }

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <param name="columns">Characters that a line may take; null for as many as it needs.</param>
    public IEnumerable<string> Lines(int? columns = null)
    {
        int[] widths = [.. _titles.Select((title, column) => _rows.Select(row => row[column].Length).Append(title.Length).Max())];
        int wide = widths.Sum() + (widths.Length - 1) * Gap.Length - (columns ?? int.MaxValue);
        for (; wide > 0 && Widest(widths) is { } column; wide--)
            widths[column]--;
        return _rows.Prepend(_titles).Select(row => Line(row, widths));
    }

    /// <summary>Cuts a text in its middle to no more than some characters; of its end, which tells more, stays more.</summary>
    public static string Cut(string text, int width) =>
        text.Length <= width ? text : $"{text[..((width - 1) / 3)]}…{text[^(width - 1 - (width - 1) / 3)..]}";

    // Of the columns that may be narrower; null when all are as narrow as they may be.
    private int? Widest(int[] widths)
    {
        int[] left = [.. Enumerable.Range(0, widths.Length).Where(column => _shrinks[column] && widths[column] > Narrowest)];
        return left.Length == 0 ? null : left.MaxBy(column => widths[column]);
    }

    private string Line(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (int column = 0; column < cells.Length; column++)
            line.Append(column == 0 ? "" : Gap)
                .Append(_right[column] ? cells[column].PadLeft(widths[column])
                    : Cut(cells[column], widths[column]).PadRight(widths[column]));
        return line.ToString().TrimEnd();
    }
}
