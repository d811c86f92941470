using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CnnOnnx.Files;

/// <summary>
/// Writes text to a stream as UTF-8, through one buffer that is used again by the next writer: a dump writes dozens of text files for
/// each picture, and some have tens of thousands of numbers.
/// </summary>
/// <param name="stream">Receives the text; stays open.</param>
internal sealed class Utf8Writer(Stream stream) : IDisposable
{
    // The buffer holds the longest number many times. Whole groups of three bytes, which become four letters of base64.
    private const int BufferSize = 1 << 16, LongestNumber = 40, Base64Step = 3 << 12, TextStep = 1 << 14;

    // Null once it was given back: it is another writer's from then on.
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _length;

    public void Write(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> step = text[..Math.Min(text.Length, TextStep)];
            // Both halves of what UTF-16 has no single code for.
            if (step.Length < text.Length && char.IsHighSurrogate(step[^1]))
                step = step[..^1];
            Require(Encoding.UTF8.GetMaxByteCount(step.Length));
            _length += Encoding.UTF8.GetBytes(step, Buffer.AsSpan(_length));
            text = text[step.Length..];
        }
    }

    public void Write(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Buffer.Length - _length)
            Flush();
        if (utf8.Length > Buffer.Length)
        {
            stream.Write(utf8);
            return;
        }

        utf8.CopyTo(Buffer.AsSpan(_length));
        _length += utf8.Length;
    }

    public void Write(byte ascii)
    {
        Require(1);
        Buffer[_length++] = ascii;
    }

    /// <summary>Writes a number in as many digits as it takes to read it back; NaN and infinities as NaN, Infinity, -Infinity.</summary>
    public void WriteNumber<T>(T value) where T : struct, IUtf8SpanFormattable
    {
        Require(LongestNumber);
        value.TryFormat(Buffer.AsSpan(_length), out int length, default, CultureInfo.InvariantCulture);
        _length += length;
    }

    public void WriteBase64(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> step = bytes[..Math.Min(bytes.Length, Base64Step)];
            Require(Base64.GetMaxEncodedToUtf8Length(step.Length));
            Base64.EncodeToUtf8(step, Buffer.AsSpan(_length), out _, out int length);
            _length += length;
            bytes = bytes[step.Length..];
        }
    }

    /// <summary>Writes what is left. What is written later is refused.</summary>
    public void Dispose()
    {
        if (_buffer is null)
            return;
        Flush();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    private byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(Utf8Writer));

    private void Require(int room)
    {
        if (_length + room > Buffer.Length)
            Flush();
    }

    private void Flush()
    {
        stream.Write(Buffer, 0, _length);
        _length = 0;
    }
}
