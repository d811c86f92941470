using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// The pictures with the largest value of each channel of a layer: what it answers to most. Of equal values the picture with the lower
/// number counts, so that the order in which they come does not.
/// </summary>
/// <param name="channels">Number of channels.</param>
internal sealed class TopPictures(int channels)
{
    /// <summary>Number of pictures of a channel.</summary>
    public const int Most = 5;

    private readonly float[] _values = Filled(channels * Most, float.NegativeInfinity);
    private readonly long[] _numbers = Filled(channels * Most, long.MaxValue);

    /// <summary>Numbers of all pictures that are named.</summary>
    public IEnumerable<long> Numbers => _numbers.Where(number => number != long.MaxValue).Distinct();

    /// <summary>Lists the pictures of a channel, the largest value first.</summary>
    public IEnumerable<(float Value, long Number)> Of(int channel) => Enumerable.Range(channel * Most, Most)
        .Where(place => _numbers[place] != long.MaxValue).Select(place => (_values[place], _numbers[place]));

    /// <summary>Adds a picture.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="value">Largest finite value of its map; NaN when there is none.</param>
    /// <param name="number">Number of the picture.</param>
    /// <returns>True when it is among the pictures of the channel now.</returns>
    public bool Add(int channel, float value, long number)
    {
        int first = channel * Most, last = first + Most - 1;
        if (float.IsNaN(value) || !IsBefore(value, number, last))
            return false;
        int place = last;
        for (; place > first && IsBefore(value, number, place - 1); place--)
            (_values[place], _numbers[place]) = (_values[place - 1], _numbers[place - 1]);
        (_values[place], _numbers[place]) = (value, number);
        return true;
    }

    /// <summary>Adds the pictures of another part.</summary>
    public void Add(TopPictures other)
    {
        for (int place = 0; place < other._values.Length; place++)
            if (other._numbers[place] != long.MaxValue)
                Add(place / Most, other._values[place], other._numbers[place]);
    }

    /// <summary>Writes all numbers.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.WriteArray<float>(_values);
        writer.WriteArray<long>(_numbers);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static TopPictures Read(BinaryReader reader, int channels)
    {
        var top = new TopPictures(channels);
        reader.ReadArray<float>(channels * Most).CopyTo(top._values, 0);
        reader.ReadArray<long>(channels * Most).CopyTo(top._numbers, 0);
        return top;
    }

    private bool IsBefore(float value, long number, int place) =>
        value > _values[place] || (value == _values[place] && number < _numbers[place]);

    private static T[] Filled<T>(int length, T value)
    {
        var filled = new T[length];
        Array.Fill(filled, value);
        return filled;
    }
}
