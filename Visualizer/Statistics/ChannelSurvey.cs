using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>
/// Looks at the channels of all layers over many pictures: which are dead, constant, saturated or duplicates, and where NaN
/// and infinities come from. Memory depends on the number of channels only. Calls from several threads wait for one another.
/// </summary>
internal sealed class ChannelSurvey(OnnxGraph graph)
{
    public const string FileName = "survey.json", TableFileName = "channels.csv";

    // Further pictures are only counted.
    private const int MostRemembered = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LayerSurvey> _layers = [];
    private readonly Dictionary<string, int> _indices = graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();
    private readonly List<NonFiniteRecord> _nonFinite = [];
    private NonFiniteRecord? _first;
    private int _withNonFinite;
    private int _pictures;

    public int Pictures => _pictures;

    /// <summary>Pictures that were not looked at, because their dump was there already.</summary>
    public int Resumed { get; set; }

    /// <summary>What an earlier survey left in a folder; null when there is none.</summary>
    public static SurveyRecord? Find(string folder)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(file, DumpJson.Readable.SurveyRecord);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Counts one more picture, or one run of several; its tensors are added in one or in several parts.</summary>
    /// <param name="input">What it is; for messages.</param>
    /// <param name="pictures">Of the run.</param>
    public SurveyedPicture Begin(string input, int pictures = 1)
    {
        lock (_gate)
        {
            _pictures += pictures;
            return new SurveyedPicture(_pictures - pictures, input);
        }
    }

    /// <summary>Adds the tensors of one run.</summary>
    /// <param name="input">What it was made on; for messages.</param>
    /// <param name="seen">Any selection of tensors, the same or another one for each run.</param>
    /// <param name="numbers">Of the tensors, in their order, when they are known already.</param>
    public void Add(string input, Activations seen, IReadOnlyList<TensorNumbers>? numbers = null) =>
        Add(Begin(input, seen.Samples), seen, numbers);

    /// <summary>Adds tensors of a picture; parts come in the order of the graph.</summary>
    public void Add(SurveyedPicture picture, Activations seen, IReadOnlyList<TensorNumbers>? numbers = null)
    {
        lock (_gate)
        {
            NonFiniteRecord? first = null;
            for (int i = 0; i < seen.Count; i++)
            {
                TensorNumbers own = numbers?[i] ?? TensorNumbers.Of(seen[i]);
                Add(seen[i].Name, seen[i].Op, seen[i].Values, seen[i].Shape, own, Math.Min(seen.Samples, seen[i].Samples), picture.Number);
                if (!own.Whole.IsFinite)
                    first ??= new NonFiniteRecord(picture.Input, _indices.GetValueOrDefault(seen[i].Name), seen[i].Name,
                        own.Whole.NanCount, own.Whole.PositiveInfinityCount + own.Whole.NegativeInfinityCount);
            }

            if (first is null || picture.IsNonFinite)
                return;
            picture.IsNonFinite = true;
            Remember(first);
        }
    }

    public SurveyRecord Result() => Summarize(Judge());

    /// <summary>channels.csv and survey.json.</summary>
    /// <exception cref="BadInputException">The folder cannot be written.</exception>
    public SurveyRecord Write(string folder)
    {
        var judged = Judge();
        AtomicFile.Write(Path.Combine(folder, TableFileName), file => WriteTable(file, judged));
        SurveyRecord result = Summarize(judged);
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(result, DumpJson.Readable.SurveyRecord));
        return result;
    }

    private void Add(string name, string op, ReadOnlySpan<float> values, TensorShape shape, TensorNumbers numbers, int samples, int firstPicture)
    {
        int channels = numbers.Channels.Length;
        if (channels == 0)
            return;
        if (!_layers.TryGetValue(name, out LayerSurvey? layer))
            _layers.Add(name, layer = new LayerSurvey(_indices.GetValueOrDefault(name), name, op, channels, SaturationBounds.Of(graph, name)));
        // A vector whose length follows the picture's size has no channels that could be compared.
        if (layer.Channels == channels)
            layer.Add(values, shape, samples, firstPicture, numbers.Channels);
    }

    private void Remember(NonFiniteRecord first)
    {
        _withNonFinite++;
        if (_nonFinite.Count < MostRemembered)
            _nonFinite.Add(first);
        if (_first is null || first.Index < _first.Index)
            _first = first;
    }

    private (LayerSurvey Layer, ChannelHealth[] Channels)[] Judge()
    {
        lock (_gate)
            return [.. _layers.Values.OrderBy(l => l.Index).Select(l => (l, l.Judge()))];
    }

    private SurveyRecord Summarize((LayerSurvey Layer, ChannelHealth[] Channels)[] judged)
    {
        SurveyRecord.Layer[] layers = [.. judged.Select(j => new SurveyRecord.Layer(j.Layer.Index, j.Layer.Name, j.Layer.Op, j.Channels.Length,
            In(j.Channels, "dead"), In(j.Channels, "constant"), In(j.Channels, "saturated"), In(j.Channels, "duplicate"), In(j.Channels, "nonfinite")))];
        return new SurveyRecord(_pictures, Resumed, layers.Sum(l => l.Channels), layers.Sum(l => l.Dead.Length), layers.Sum(l => l.Constant.Length),
            layers.Sum(l => l.Saturated.Length), layers.Sum(l => l.Duplicate.Length), _first, _withNonFinite, [.. _nonFinite],
            [.. layers.Where(l => l.Dead.Length + l.Constant.Length + l.Saturated.Length + l.Duplicate.Length + l.NonFinite.Length > 0)]);
    }

    private static int[] In(ChannelHealth[] channels, string state) => [.. channels.Where(c => c.State == state).Select(c => c.Channel)];

    private static void WriteTable(Stream file, (LayerSurvey Layer, ChannelHealth[] Channels)[] judged)
    {
        using var text = new StreamWriter(file, bufferSize: 1 << 16);
        var csv = new CsvWriter(text);
        foreach (string column in new[] { "tensor", "op", "channel", "state", "values", "min", "max", "mean", "std", "zeros", "saturated", "nan", "inf", "duplicate_of", "relation" })
            csv.Field(column);
        csv.EndRow();
        foreach ((LayerSurvey layer, ChannelHealth[] channels) in judged)
            foreach (ChannelHealth channel in channels)
            {
                TensorStatistics facts = channel.Facts;
                csv.Field(layer.Name).Field(layer.Op).Field(channel.Channel).Field(channel.State).Field(facts.Count)
                    .Field(facts.Min).Field(facts.Max).Field(facts.Mean).Field(facts.Std).Field(facts.ZeroShare).Field(channel.Saturated)
                    .Field(facts.NanCount).Field(facts.PositiveInfinityCount + facts.NegativeInfinityCount)
                    .Field(channel.DuplicateOf is { } of ? $"{of}" : "").Field(channel.Relation ?? "");
                csv.EndRow();
            }
    }
}
