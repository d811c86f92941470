using System.Text;

namespace CnnOnnx.Files;

/// <summary>Writes comma-separated values as RFC 4180 describes them: UTF-8, CRLF, quotes where a field needs them.</summary>
/// <param name="stream">Receives the text; stays open.</param>
internal sealed class CsvWriter(Stream stream) : IDisposable
{
    private readonly Utf8Writer _text = new(stream);
    private bool _inRow;

    public CsvWriter Field(string value) => Escaped(Escape(value));

    /// <summary>Writes a number as <see cref="Utf8Writer.WriteNumber"/> does.</summary>
    public CsvWriter Field<T>(T value) where T : struct, IUtf8SpanFormattable
    {
        Separate();
        _text.WriteNumber(value);
        return this;
    }

    /// <summary>Writes fields that are the same in many rows, made once by <see cref="Escape"/>, or that have nothing to escape.</summary>
    public CsvWriter Escaped(ReadOnlySpan<byte> fields)
    {
        Separate();
        _text.Write(fields);
        return this;
    }

    public void EndRow()
    {
        _inRow = false;
        _text.Write("\r\n"u8);
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => _text.Dispose();

    public static byte[] Escape(params ReadOnlySpan<string> values)
    {
        string[] fields = new string[values.Length];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = values[i].AsSpan().ContainsAny(",\"\r\n") ? $"\"{values[i].Replace("\"", "\"\"")}\"" : values[i];
        return Encoding.UTF8.GetBytes(string.Join(',', fields));
    }

    private void Separate()
    {
        if (_inRow)
            _text.Write((byte)',');
        _inRow = true;
    }
}
