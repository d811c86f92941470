using System.Globalization;
using System.Text;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>
/// Comma-separated values as RFC 4180 describes them: CRLF, quotes where a field needs them. UTF-8, made in a buffer of its own: a
/// table has a row for each channel of a network.
/// </summary>
/// <param name="stream">Not closed.</param>
internal sealed class CsvWriter(Stream stream) : IDisposable
{
    private const int LongestNumber = 40;

    private readonly byte[] _buffer = new byte[1 << 16];
    private int _length;
    private bool _inRow;

    public CsvWriter Field(string value) => Escaped(Escape(value));

    /// <summary>A number in as many digits as it takes to read it back; NaN and infinities as NaN, Infinity, -Infinity.</summary>
    public CsvWriter Field<T>(T value) where T : struct, IUtf8SpanFormattable
    {
        Separate(LongestNumber);
        value.TryFormat(_buffer.AsSpan(_length), out int length, default, CultureInfo.InvariantCulture);
        _length += length;
        return this;
    }

    /// <summary>Fields that are the same in many rows, made once by <see cref="Escape"/>, or that have nothing to escape.</summary>
    public CsvWriter Escaped(ReadOnlySpan<byte> fields)
    {
        Separate(Math.Min(fields.Length, _buffer.Length - 1));
        if (fields.Length > _buffer.Length - _length)
        {
            Flush();
            stream.Write(fields);
            return this;
        }

        fields.CopyTo(_buffer.AsSpan(_length));
        _length += fields.Length;
        return this;
    }

    public void EndRow()
    {
        _inRow = false;
        Require(2);
        _buffer[_length++] = (byte)'\r';
        _buffer[_length++] = (byte)'\n';
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => Flush();

    public static byte[] Escape(params ReadOnlySpan<string> values)
    {
        string[] fields = new string[values.Length];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = values[i].AsSpan().ContainsAny(",\"\r\n") ? $"\"{values[i].Replace("\"", "\"\"")}\"" : values[i];
        return Encoding.UTF8.GetBytes(string.Join(',', fields));
    }

    private void Separate(int room)
    {
        Require(room + 1);
        if (_inRow)
            _buffer[_length++] = (byte)',';
        _inRow = true;
    }

    private void Require(int room)
    {
        if (_length + room > _buffer.Length)
            Flush();
    }

    private void Flush()
    {
        stream.Write(_buffer, 0, _length);
        _length = 0;
    }
}
