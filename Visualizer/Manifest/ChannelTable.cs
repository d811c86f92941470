using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>The numbers of a tensor's channels, a column for each kind, so that they stay short in the manifest.</summary>
/// <param name="Min">Smallest of the finite values, of which max, mean and std are, too.</param>
/// <param name="Zeros">Share of zeros, 0 to 1.</param>
/// <param name="Nan">Number of NaN; null when no channel has any.</param>
/// <param name="Inf">Number of infinities of either sign; null when no channel has any.</param>
internal sealed record ChannelTable(
    ChannelColumn Min, ChannelColumn Max, ChannelColumn Mean, ChannelColumn Std, ChannelColumn Zeros, long[]? Nan, long[]? Inf)
{
    public int Count => Min.Count;

    public static ChannelTable Of(TensorStatistics[] channels) => new(
        Column(channels, c => c.Min), Column(channels, c => c.Max), Column(channels, c => c.Mean), Column(channels, c => c.Std),
        Column(channels, c => c.ZeroShare),
        Counts(channels, c => c.NanCount), Counts(channels, c => c.PositiveInfinityCount + c.NegativeInfinityCount));

    private static ChannelColumn Column(TensorStatistics[] channels, Func<TensorStatistics, double> value) =>
        Array.ConvertAll(channels, c => (float)value(c));

    private static long[]? Counts(TensorStatistics[] channels, Func<TensorStatistics, long> value) =>
        channels.Any(c => value(c) > 0) ? Array.ConvertAll(channels, c => value(c)) : null;
}

/// <summary>
/// A number of each channel. Manifest and stats.csv have the same digits of it, as many as it takes to read it back. Finding them
/// takes longer than measuring most numbers does: they are made once. Not for several threads.
/// </summary>
[JsonConverter(typeof(Json))]
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

    /// <summary>A column in one line of an indented JSON file.</summary>
    public sealed class Json : JsonConverter<ChannelColumn>
    {
        private static readonly CompactArray<float> Floats = new();

        public override ChannelColumn Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Floats.Read(ref reader, typeof(float[]), options);

        public override void Write(Utf8JsonWriter writer, ChannelColumn column, JsonSerializerOptions options) =>
            writer.WriteRawValue(column.Text, skipInputValidation: true);
    }
}
