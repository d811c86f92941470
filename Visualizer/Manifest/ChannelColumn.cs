using System.Buffers;
using System.Globalization;
using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>
/// A number of each channel. Manifest and stats.csv have the same digits of it, as many as it takes to read it back. Finding them
/// takes longer than measuring most numbers does: they are made once. Not for several threads.
/// </summary>
[JsonConverter(typeof(ChannelColumnJson))]
internal sealed class ChannelColumn(float[] values)
{
    private const int LongestNumber = 24;

    private byte[]? _text;
    private int[] _ends = [];

    public float[] Values => values;

    public int Count => values.Length;

    /// <summary>UTF-8, an array in JSON, in which NaN and infinities are quoted.</summary>
    public ReadOnlySpan<byte> Text => _text ??= Format(values, out _ends);

    public static implicit operator ChannelColumn(float[] values) => new(values);

    /// <summary>UTF-8; NaN, Infinity or -Infinity where the number is none.</summary>
    public ReadOnlySpan<byte> TextOf(int channel)
    {
        ReadOnlySpan<byte> text = Text;
        int start = channel == 0 ? 1 : _ends[channel - 1] + 1;
        return text[start.._ends[channel]].Trim((byte)'"');
    }

    private static byte[] Format(float[] values, out int[] ends)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(LongestNumber * values.Length + 2);
        ends = new int[values.Length];
        int length = 0;
        rented[length++] = (byte)'[';
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0)
                rented[length++] = (byte)',';
            // NaN, Infinity and -Infinity are no numbers in JSON.
            bool isNumber = float.IsFinite(values[i]);
            if (!isNumber)
                rented[length++] = (byte)'"';
            values[i].TryFormat(rented.AsSpan(length), out int written, default, CultureInfo.InvariantCulture);
            length += written;
            if (!isNumber)
                rented[length++] = (byte)'"';
            ends[i] = length;
        }

        rented[length++] = (byte)']';
        byte[] digits = rented.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(rented);
        return digits;
    }
}
