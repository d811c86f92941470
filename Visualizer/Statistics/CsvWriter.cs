using System.Globalization;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>Comma-separated values as RFC 4180 describes them: CRLF, quotes where a field needs them.</summary>
internal sealed class CsvWriter(TextWriter text)
{
    private bool _inRow;

    public CsvWriter Field(string value) => Escaped(Escape(value));

    /// <summary>A number in as many digits as it takes to read it back; NaN and infinities as NaN, Infinity, -Infinity.</summary>
    public CsvWriter Field<T>(T value) where T : struct, ISpanFormattable
    {
        Span<char> number = stackalloc char[40];
        int start = _inRow ? 1 : 0;
        number[0] = ',';
        value.TryFormat(number[start..], out int length, default, CultureInfo.InvariantCulture);
        text.Write(number[..(start + length)]);
        _inRow = true;
        return this;
    }

    /// <summary>Fields that are the same in many rows: made once by <see cref="Escape"/>.</summary>
    public CsvWriter Escaped(string fields)
    {
        if (_inRow)
            text.Write(',');
        text.Write(fields);
        _inRow = true;
        return this;
    }

    public void EndRow()
    {
        text.Write("\r\n");
        _inRow = false;
    }

    public static string Escape(params ReadOnlySpan<string> values)
    {
        string[] fields = new string[values.Length];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = values[i].AsSpan().ContainsAny(",\"\r\n") ? $"\"{values[i].Replace("\"", "\"\"")}\"" : values[i];
        return string.Join(',', fields);
    }
}
