using System.Globalization;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>Comma-separated values as RFC 4180 describes them: CRLF, quotes where a field needs them.</summary>
internal sealed class CsvWriter(TextWriter text)
{
    private bool _inRow;

    public CsvWriter Field(string value)
    {
        Separate();
        text.Write(value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"")}\"" : value);
        return this;
    }

    /// <summary>A number in as many digits as it takes to read it back; NaN and infinities as NaN, Infinity, -Infinity.</summary>
    public CsvWriter Field<T>(T value) where T : struct, ISpanFormattable
    {
        Separate();
        Span<char> number = stackalloc char[40];
        value.TryFormat(number, out int length, default, CultureInfo.InvariantCulture);
        text.Write(number[..length]);
        return this;
    }

    public void EndRow()
    {
        text.Write("\r\n");
        _inRow = false;
    }

    private void Separate()
    {
        if (_inRow)
            text.Write(',');
        _inRow = true;
    }
}
