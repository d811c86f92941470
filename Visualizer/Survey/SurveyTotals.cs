using System.Text;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// What a survey has found so far, of all pictures or of a part of them. Parts that are put together in the order of their pictures say
/// the same, to the last bit, as one survey of all pictures. Knows no graph: what it means is judged later.
/// </summary>
/// <param name="first">Number of the first picture of this part.</param>
internal sealed class SurveyTotals(long first = 0)
{
    // Changes with the layout, or with what the numbers mean.
    private const string Version = "CnnOnnx survey of many 1";

    // Further pictures are only counted.
    private const int MostRemembered = 1000;

    private readonly Dictionary<string, LayerSurvey> _layers = [];
    private readonly List<NonFiniteRecord> _nonFinite = [];
    // Of pictures that some channel answers to most, or did so for a while.
    private readonly Dictionary<long, string> _names = [];
    private int _mostNames = 1 << 12;

    /// <summary>Number of pictures that were looked at.</summary>
    public int Pictures { get; private set; }

    /// <summary>Number of pictures of an earlier run that left nothing that could be read.</summary>
    public int Unknown { get; set; }

    /// <summary>Number of pictures with NaN or infinite values.</summary>
    public int WithNonFinite { get; private set; }

    /// <summary>The first pictures with NaN or infinite values.</summary>
    public IReadOnlyList<NonFiniteRecord> NonFinite => _nonFinite;

    /// <summary>The earliest tensor of all pictures with such values; null when there is none.</summary>
    public NonFiniteRecord? First { get; private set; }

    /// <summary>Names of the pictures that channels answer to most, by their numbers.</summary>
    public IReadOnlyDictionary<long, string> Names => _names;

    /// <summary>Layers in the order of the graph.</summary>
    public IEnumerable<LayerSurvey> Layers => _layers.Values.OrderBy(layer => layer.Index);

    /// <summary>Adds a picture, or a run of several.</summary>
    /// <param name="picture">What was found in it.</param>
    /// <param name="number">Number of the picture, or of the first; larger than those before.</param>
    /// <param name="pictures">Number of pictures.</param>
    /// <param name="indexOf">Gives the place of a tensor among those of the model; null for one that is not to count.</param>
    public void Add(SurveyedPicture picture, long number, int pictures, Func<string, int?> indexOf)
    {
        foreach (SurveyedMaps maps in picture.Maps)
        {
            if (maps.Facts.Length == 0 || indexOf(maps.Tensor) is not { } index)
                continue;
            if (!_layers.TryGetValue(maps.Tensor, out LayerSurvey? layer))
                _layers.Add(maps.Tensor, layer = new LayerSurvey(index, maps.Tensor, maps.Op, maps.Facts.Length, first));
            if (layer.Add(maps, number))
                _names[number + maps.Sample] = picture.Input;
        }

        Forget();

        Pictures += pictures;
        if (picture.NonFinite is not null)
            Remember(picture.NonFinite, [picture.NonFinite], 1);
    }

    /// <summary>Adds what was found in pictures with larger numbers.</summary>
    public void Add(SurveyTotals later)
    {
        foreach (LayerSurvey layer in later._layers.Values)
        {
            if (!_layers.TryGetValue(layer.Name, out LayerSurvey? own))
                _layers.Add(layer.Name, own = new LayerSurvey(layer.Index, layer.Name, layer.Op, layer.Channels, first));
            own.Add(layer);
        }

        foreach ((long number, string name) in later._names)
            _names[number] = name;
        Forget();
        Pictures += later.Pictures;
        Unknown += later.Unknown;
        Remember(later.First, later._nonFinite, later.WithNonFinite);
    }

    /// <summary>Writes everything that is known.</summary>
    public void WriteTo(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Version);
        Write(writer);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    /// <exception cref="BadInputException">It is something else, or cut off.</exception>
    public static SurveyTotals ReadFrom(string path)
    {
        try
        {
            using var file = new BufferedStream(File.OpenRead(path), 1 << 20);
            return ReadFrom(file, 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    /// <param name="stream">Stands in front of it.</param>
    /// <param name="first">Number of the first picture of this part, with which it goes on.</param>
    /// <exception cref="IOException">It is something else, or cut off.</exception>
    public static SurveyTotals ReadFrom(Stream stream, long first)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        return reader.ReadString() == Version ? Read(reader, first) : throw new EndOfStreamException("is no survey of this version");
    }

    private void Write(BinaryWriter writer)
    {
        writer.Write(Pictures);
        writer.Write(Unknown);
        writer.Write(WithNonFinite);
        NonFiniteRecord[] found = [.. _nonFinite, .. First is null ? Array.Empty<NonFiniteRecord>() : [First]];
        writer.Write(_nonFinite.Count);
        writer.Write(First is not null);
        foreach (NonFiniteRecord record in found)
        {
            writer.Write(record.Input);
            writer.Write(record.Index);
            writer.Write(record.Tensor);
            writer.Write(record.Nan);
            writer.Write(record.Inf);
        }

        long[] named = [.. Named().Order()];
        writer.Write(named.Length);
        foreach (long number in named)
        {
            writer.Write(number);
            writer.Write(_names[number]);
        }

        writer.Write(_layers.Count);
        foreach (LayerSurvey layer in Layers)
            layer.Write(writer);
    }

    private static SurveyTotals Read(BinaryReader reader, long first)
    {
        var totals = new SurveyTotals(first)
        {
            Pictures = reader.ReadInt32(),
            Unknown = reader.ReadInt32(),
            WithNonFinite = reader.ReadInt32(),
        };
        (int remembered, bool hasFirst) = (reader.ReadInt32(), reader.ReadBoolean());
        for (int i = 0; i < remembered; i++)
            totals._nonFinite.Add(ReadRecord());
        totals.First = hasFirst ? ReadRecord() : null;
        for (int left = reader.ReadInt32(); left > 0; left--)
            totals._names.Add(reader.ReadInt64(), reader.ReadString());
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            LayerSurvey layer = LayerSurvey.Read(reader, first);
            totals._layers[layer.Name] = layer;
        }

        return totals;

        NonFiniteRecord ReadRecord() =>
            new(reader.ReadString(), reader.ReadInt32(), reader.ReadString(), reader.ReadInt64(), reader.ReadInt64());
    }

    // Names of pictures that others have pushed aside go when there are as many again as are needed.
    private void Forget()
    {
        if (_names.Count < _mostNames)
            return;
        HashSet<long> named = Named();
        foreach (long number in _names.Keys.Where(number => !named.Contains(number)).ToArray())
            _names.Remove(number);
        _mostNames = Math.Max(_mostNames, 2 * _names.Count);
    }

    private HashSet<long> Named() => [.. _layers.Values.SelectMany(layer => layer.Top.Numbers)];

    // Of equally early tensors the first picture's counts.
    private void Remember(NonFiniteRecord? earliest, IReadOnlyList<NonFiniteRecord> found, int pictures)
    {
        WithNonFinite += pictures;
        _nonFinite.AddRange(found.Take(MostRemembered - _nonFinite.Count));
        if (earliest is not null && (First is null || earliest.Index < First.Index))
            First = earliest;
    }
}
