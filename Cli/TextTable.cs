using System.Text;

namespace CnnOnnx.Cli;

/// <summary>Rows of text in columns as wide as they need to be; numbers stand to the right.</summary>
internal sealed class TextTable
{
    private const string Gap = "  ";

    private readonly string[] _titles;
    private readonly bool[] _right;
    private readonly List<string[]> _rows = [];

    /// <param name="titles">One a column; a title that starts with &gt; sets the column to the right.</param>
    public TextTable(params string[] titles)
    {
        _right = [.. titles.Select(t => t.StartsWith('>'))];
        _titles = [.. titles.Select(t => t.TrimStart('>'))];
    }

    public void Add(params string[] cells) => _rows.Add(cells);

    public IEnumerable<string> Lines()
    {
        int[] widths = [.. _titles.Select((title, column) => _rows.Select(row => row[column].Length).Append(title.Length).Max())];
        return _rows.Prepend(_titles).Select(row => Line(row, widths));
    }

    private string Line(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (int column = 0; column < cells.Length; column++)
            line.Append(column == 0 ? "" : Gap)
                .Append(_right[column] ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
        return line.ToString().TrimEnd();
    }
}
