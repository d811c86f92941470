using CnnOnnx.Files;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// Facts about one tensor's channels over many pictures. What whole numbers and comparisons give is added up as it comes; sums that are
/// rounded are those of <see cref="DyadicBlocks{T}"/>, so that the result is the same to the last bit however the pictures are dealt out.
/// A picture more takes no more memory but for a block each time that their number doubles.
/// </summary>
internal sealed class LayerSurvey
{
    private readonly ChannelTotals[] _totals;
    private readonly DyadicBlocks<ChannelSums> _sums;

    /// <param name="index">Place among the tensors of the model, from 0.</param>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="op">Type of the node that makes it.</param>
    /// <param name="channels">Number of its channels.</param>
    /// <param name="first">Number of the first picture of this part of them.</param>
    public LayerSurvey(int index, string name, string op, int channels, long first = 0)
    {
        (Index, Name, Op) = (index, name, op);
        _totals = new ChannelTotals[channels];
        Array.Fill(_totals, new ChannelTotals());
        _sums = new DyadicBlocks<ChannelSums>(first, ChannelSums.Join);
        (Values, Top) = (new ValueSketch(), new TopPictures(channels));
    }

    private LayerSurvey(
        int index, string name, string op, ChannelTotals[] totals, ValueSketch values, TopPictures top, long first)
    {
        (Index, Name, Op, _totals, Values, Top) = (index, name, op, totals, values, top);
        _sums = new DyadicBlocks<ChannelSums>(first, ChannelSums.Join);
    }

    /// <summary>Place among the tensors of the model, from 0.</summary>
    public int Index { get; }

    public string Name { get; }

    public string Op { get; }

    public int Channels => _totals.Length;

    /// <summary>Counts of all values of all channels.</summary>
    public ValueSketch Values { get; }

    /// <summary>The pictures that each channel answers to most.</summary>
    public TopPictures Top { get; }

    /// <summary>
    /// Other pictures have another number of channels: a vector whose length follows the picture's size has none that could be compared.
    /// </summary>
    public bool Varies { get; set; }

    /// <param name="maps">Maps of one picture, as many as the layer has channels.</param>
    /// <param name="picture">Number of the picture; larger than those before.</param>
    /// <returns>True when the picture is among those that a channel answers to most.</returns>
    public bool Add(SurveyedMaps maps, long picture)
    {
        if (Varies |= maps.Facts.Length != Channels)
            return false;
        bool isTop = false;
        Values.Add(maps.Values);
        _sums.Add(picture + maps.Sample, ChannelSums.Of(maps.Facts, maps.Projected, maps.Area, picture + maps.Sample));
        for (int channel = 0; channel < Channels; channel++)
        {
            _totals[channel].Add(ChannelTotals.Of(maps.Facts[channel], maps.Saturated[channel]));
            isTop |= Top.Add(channel, maps.Facts[channel].Max, picture + maps.Sample);
        }

        return isTop;
    }

    /// <summary>Adds what was found in pictures with larger numbers.</summary>
    public void Add(LayerSurvey later)
    {
        if (Varies |= later.Varies || later.Channels != Channels)
            return;
        foreach (DyadicBlocks<ChannelSums>.Block block in later._sums.Blocks)
            _sums.Add(block);
        for (int channel = 0; channel < Channels; channel++)
            _totals[channel].Add(later._totals[channel]);
        Values.Add(later.Values);
        Top.Add(later.Top);
    }

    public ChannelHealth[] Judge()
    {
        if (Varies || _sums.Total() is not { } sums)
            return [];
        TensorStatistics[] facts = [.. _totals.Select((totals, channel) => totals.With(sums.MeanOf(channel), sums.StdOf(channel)))];
        Dictionary<int, (int Of, string Relation)> duplicates = DuplicateChannels.Find(facts, sums.Prints);
        return [.. facts.Select((own, channel) =>
        {
            (int Of, string Relation)? duplicate = duplicates.TryGetValue(channel, out var found) ? found : null;
            double saturated = own.Count == 0 ? 0 : (double)_totals[channel].Saturated / own.Count;
            return new ChannelHealth(channel, own, saturated, duplicate?.Of, duplicate?.Relation);
        })];
    }

    /// <summary>Writes everything that is known.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Index);
        writer.Write(Name);
        writer.Write(Op);
        writer.Write(Channels);
        writer.Write(Varies);
        writer.WriteArray<ChannelTotals>(_totals);
        Values.Write(writer);
        Top.Write(writer);
        writer.Write(_sums.Blocks.Count);
        foreach (DyadicBlocks<ChannelSums>.Block block in _sums.Blocks)
        {
            writer.Write(block.Start);
            block.Value.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Stands in front of the layer.</param>
    /// <param name="first">Number of the first picture of this part of them.</param>
    /// <exception cref="EndOfStreamException">The file is cut off.</exception>
    public static LayerSurvey Read(BinaryReader reader, long first)
    {
        (int index, string name, string op, int channels, bool varies) =
            (reader.ReadInt32(), reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadBoolean());
        var layer = new LayerSurvey(index, name, op, reader.ReadArray<ChannelTotals>(channels), ValueSketch.Read(reader),
            TopPictures.Read(reader, channels), first)
        { Varies = varies };
        // The blocks are as they are: what may be joined is known when those before them are there.
        for (int left = reader.ReadInt32(); left > 0; left--)
            layer._sums.AddUnjoined(new(reader.ReadInt64(), ChannelSums.Read(reader, channels)));
        return layer;
    }
}
