using System.Buffers;
using System.Buffers.Binary;
using CnnOnnx.Files;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// survey.bin in the folder of a picture: what it told the survey, so that a run that is resumed need not look at it again.
/// 68 bytes a channel, and 6 for each bin of values: the numbers of stats.csv, and those that find duplicates and percentiles.
/// </summary>
internal static class SurveyedFile
{
    public const string FileName = "survey.bin";

    // Changes with the layout, or with what the numbers mean.
    private const string Version = "CnnOnnx survey 2";

    private const int BytesOfChannel = 3 * sizeof(int) + (2 + Fingerprints.Length) * sizeof(float) + 2 * sizeof(double);

    // With the counts of NaN and both infinities.
    private const int MostBytesOfChannel = BytesOfChannel + 3 * sizeof(int);

    public static void Write(string folder, SurveyedPicture picture) => AtomicFile.Write(Path.Combine(folder, FileName), file =>
    {
        using var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Version);
        writer.Write(picture.NonFinite is not null);
        if (picture.NonFinite is { } found)
        {
            writer.Write(found.Index);
            writer.Write(found.Tensor);
            writer.Write(found.Nan);
            writer.Write(found.Inf);
        }

        writer.Write(picture.Maps.Count);
        foreach (SurveyedMaps maps in picture.Maps)
            Write(writer, maps);
    });

    /// <summary>Fills a picture with what is in its folder.</summary>
    /// <returns>False when there is nothing that can be read; the picture is as it was.</returns>
    public static bool TryRead(string folder, SurveyedPicture picture)
    {
        try
        {
            using var reader = new BinaryReader(new BufferedStream(File.OpenRead(Path.Combine(folder, FileName)), 1 << 16));
            if (reader.ReadString() != Version)
                return false;
            NonFiniteRecord? nonFinite = reader.ReadBoolean()
                ? new NonFiniteRecord(picture.Input, reader.ReadInt32(), reader.ReadString(), reader.ReadInt64(), reader.ReadInt64())
                : null;
            SurveyedMaps[] maps = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadMaps(reader))];
            picture.NonFinite = nonFinite;
            picture.Maps.AddRange(maps);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static void Write(BinaryWriter writer, SurveyedMaps maps)
    {
        writer.Write(maps.Tensor);
        writer.Write(maps.Op);
        writer.Write(maps.Sample);
        writer.Write(maps.Area);
        writer.Write(maps.Facts.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(maps.Facts.Length * MostBytesOfChannel);
        var channels = new SpanWriter(rented);
        for (int channel = 0; channel < maps.Facts.Length; channel++)
            Write(ref channels, maps.Facts[channel], maps.Saturated[channel],
                maps.Projected.AsSpan(channel * Fingerprints.Length, Fingerprints.Length));
        writer.Write(channels.Written);
        ArrayPool<byte>.Shared.Return(rented);
        writer.Write(maps.Values.Bins.Length);
        writer.WriteArray<ushort>(maps.Values.Bins);
        writer.WriteArray<int>(maps.Values.Counts);
    }

    private static void Write(ref SpanWriter writer, in TensorStatistics facts, int saturated, ReadOnlySpan<float> projected)
    {
        // Without NaN and infinities, which is the rule, their counts are no more than a sign.
        writer.Write(facts.IsFinite ? (int)facts.Count : -(int)facts.Count);
        if (!facts.IsFinite)
        {
            writer.Write((int)facts.NanCount);
            writer.Write((int)facts.PositiveInfinityCount);
            writer.Write((int)facts.NegativeInfinityCount);
        }

        writer.Write(facts.Min);
        writer.Write(facts.Max);
        writer.Write(facts.Mean);
        writer.Write(facts.Std);
        writer.Write((int)Math.Round(facts.ZeroShare * facts.Count));
        writer.Write(saturated);
        foreach (float value in projected)
            writer.Write(value);
    }

    private static SurveyedMaps ReadMaps(BinaryReader reader)
    {
        (string tensor, string op, int sample, int area, int channels) =
            (reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (channels < 0 || channels > (reader.BaseStream.Length - reader.BaseStream.Position) / BytesOfChannel)
            throw new EndOfStreamException();
        var facts = new TensorStatistics[channels];
        int[] saturated = new int[channels];
        float[] projected = new float[channels * Fingerprints.Length];
        for (int channel = 0; channel < channels; channel++)
        {
            int count = reader.ReadInt32();
            (int nan, int positive, int negative) = count < 0 ? (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()) : default;
            count = Math.Abs(count);
            facts[channel] = new TensorStatistics
            {
                Count = count,
                NanCount = nan,
                PositiveInfinityCount = positive,
                NegativeInfinityCount = negative,
                Min = reader.ReadSingle(),
                Max = reader.ReadSingle(),
                Mean = reader.ReadDouble(),
                Std = reader.ReadDouble(),
                ZeroShare = count == 0 ? reader.ReadInt32() : (double)reader.ReadInt32() / count,
            };
            saturated[channel] = reader.ReadInt32();
            for (int k = 0; k < Fingerprints.Length; k++)
                projected[channel * Fingerprints.Length + k] = reader.ReadSingle();
        }

        int bins = reader.ReadInt32();
        return new SurveyedMaps(tensor, op, sample, area, facts, saturated, projected)
        {
            Values = new SketchedValues(reader.ReadArray<ushort>(bins), reader.ReadArray<int>(bins)),
        };
    }
}

/// <summary>Writes numbers one after another into memory, little endian, as <see cref="BinaryWriter"/> writes them into a stream.</summary>
/// <param name="memory">Large enough for all of them.</param>
internal ref struct SpanWriter(Span<byte> memory)
{
    private readonly Span<byte> _memory = memory;
    private int _written;

    public readonly ReadOnlySpan<byte> Written => _memory[.._written];

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Next(sizeof(int)), value);

    public void Write(float value) => BinaryPrimitives.WriteSingleLittleEndian(Next(sizeof(float)), value);

    public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Next(sizeof(double)), value);

    private Span<byte> Next(int size) => _memory.Slice((_written += size) - size, size);
}
