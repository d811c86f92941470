using System.Buffers.Binary;
using System.Text;

namespace CnnOnnx.Formats;

/// <summary>The bytes of a pickle, read forward. A length is checked against what is left before anything is made for it.</summary>
/// <param name="source">Source of the bytes.</param>
/// <param name="position">Place of the first byte.</param>
/// <param name="end">Place behind the last byte.</param>
internal sealed class PickleBytes(ByteSource source, long position, long end)
{
    // Of one text or one piece of raw data: sources of classes are the longest.
    private const int MostBytes = 64 << 20;
    private const int LongestLine = 1 << 16;
    private const int BufferBytes = 1 << 16;

    // Lone surrogates are pickled as they are, so a text need not be sound.
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: false);

    private byte[] _buffer = [];
    private long _start;

    /// <summary>Place of the next byte in the source.</summary>
    public long Position { get; private set; } = position;

    private long Left => end - Position;

    public byte Byte()
    {
        if (Left < 1)
            throw Fault("ends without its STOP; the file is cut off");
        long inBuffer = Position - _start;
        if (inBuffer < 0 || inBuffer >= _buffer.Length)
        {
            (_start, inBuffer) = (Position, 0);
            _buffer = source.Read(Position, Math.Min(BufferBytes, Left));
        }

        Position++;
        return _buffer[inBuffer];
    }

    public ushort UInt16() => (ushort)(Byte() | (Byte() << 8));

    public uint UInt32() => UInt16() | ((uint)UInt16() << 16);

    public ulong UInt64() => UInt32() | ((ulong)UInt32() << 32);

    /// <summary>A double, which pickles write in big endian.</summary>
    public double Double()
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = Byte();
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    /// <summary>So many bytes.</summary>
    /// <exception cref="BadInputException">More than are left.</exception>
    public byte[] Take(ulong count)
    {
        if (count > (ulong)Left)
            throw Fault($"asks for {count} bytes, {Left} are left; the file is cut off or damaged");
        if (count > MostBytes)
            throw Fault($"has a text or raw data of {count} bytes, expected at most {MostBytes}");
        byte[] bytes = source.Read(Position, (long)count);
        Position += bytes.Length;
        return bytes;
    }

    public string Text(ulong count) => Utf8.GetString(Take(count));

    /// <summary>The rest of the line, without its end.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (byte next; (next = Byte()) != '\n';)
        {
            _ = line.Append((char)next);
            if (line.Length > LongestLine)
                throw Fault($"has a line of more than {LongestLine} bytes, expected a name or a number");
        }

        return line.ToString().TrimEnd('\r');
    }

    /// <summary>Makes an exception to throw about the place that is read.</summary>
    public BadInputException Fault(string problem) => new($"{source.Name}: pickle at byte {Position}: {problem}");
}
