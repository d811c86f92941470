using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>
/// Looks at the channels of all layers over many pictures: which are dead, constant, saturated or duplicates, and where NaN
/// and infinities come from. Memory depends on the number of channels only. Calls from several threads wait for one another.
/// </summary>
/// <param name="graph">Of the tensors.</param>
/// <param name="threads">That look at tensors.</param>
internal sealed class ChannelSurvey(OnnxGraph graph, int threads = 1)
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

    /// <summary>Pictures of an earlier run that left nothing here that could be read.</summary>
    public int Unknown { get; private set; }

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
            numbers ??= [.. seen.Select(TensorNumbers.Of)];
            LayerSurvey?[] layers = [.. seen.Zip(numbers, (tensor, own) => LayerOf(tensor.Name, tensor.Op, own.Channels.Length))];
            var maps = new SurveyedMaps[seen.Count][];
            ParallelWork.For(seen.Count, threads, CancellationToken.None,
                i => maps[i] = layers[i] is { } layer ? LookAt(seen[i], Math.Min(seen.Samples, seen[i].Samples), numbers[i], layer) : []);
            for (int i = 0; i < seen.Count; i++)
            {
                TensorNumbers own = numbers[i];
                foreach (SurveyedMaps sample in maps[i])
                    layers[i]!.Add(sample, picture.Number);
                picture.Maps.AddRange(maps[i]);
                if (!own.Whole.IsFinite && picture.NonFinite is null)
                {
                    picture.NonFinite = new NonFiniteRecord(picture.Input, _indices.GetValueOrDefault(seen[i].Name), seen[i].Name,
                        own.Whole.NanCount, own.Whole.PositiveInfinityCount + own.Whole.NegativeInfinityCount);
                    Remember(picture.NonFinite);
                }
            }
        }
    }

    /// <summary>Counts a picture of an earlier run, from what that run left in its folder.</summary>
    public void AddFinished(string input, string folder)
    {
        lock (_gate)
        {
            var picture = new SurveyedPicture(_pictures, input);
            if (!SurveyedFile.TryRead(folder, picture))
            {
                Unknown++;
                return;
            }

            _pictures++;
            foreach (SurveyedMaps maps in picture.Maps)
                LayerOf(maps.Tensor, maps.Op, maps.Facts.Length)?.Add(maps, picture.Number);
            if (picture.NonFinite is not null)
                Remember(picture.NonFinite);
        }
    }

    public SurveyRecord Result() => Summarize(Judge());

    /// <summary>channels.csv and survey.json.</summary>
    /// <exception cref="BadInputException">The folder cannot be written.</exception>
    public SurveyRecord Write(string folder)
    {
        var judged = Judge();
        ChannelsFile.Write(Path.Combine(folder, TableFileName), judged);
        SurveyRecord result = Summarize(judged);
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(result, DumpJson.Readable.SurveyRecord));
        return result;
    }

    private static SurveyedMaps[] LookAt(Activation tensor, int samples, TensorNumbers numbers, LayerSurvey layer)
    {
        var maps = new SurveyedMaps[samples];
        for (int sample = 0; sample < samples; sample++)
            maps[sample] = SurveyedMaps.Of(tensor.Name, tensor.Op, tensor.Values, tensor.Shape, sample, numbers.Channels, layer.Bounds);
        return maps;
    }

    // A vector whose length follows the picture's size has no channels that could be compared.
    private LayerSurvey? LayerOf(string name, string op, int channels)
    {
        if (channels == 0)
            return null;
        if (!_layers.TryGetValue(name, out LayerSurvey? layer))
            _layers.Add(name, layer = new LayerSurvey(_indices.GetValueOrDefault(name), name, op, channels, SaturationBounds.Of(graph, name)));
        return layer.Channels == channels ? layer : null;
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
        return new SurveyRecord(_pictures, Unknown, layers.Sum(l => l.Channels), layers.Sum(l => l.Dead.Length), layers.Sum(l => l.Constant.Length),
            layers.Sum(l => l.Saturated.Length), layers.Sum(l => l.Duplicate.Length), _first, _withNonFinite, [.. _nonFinite],
            [.. layers.Where(l => l.Dead.Length + l.Constant.Length + l.Saturated.Length + l.Duplicate.Length + l.NonFinite.Length > 0)]);
    }

    private static int[] In(ChannelHealth[] channels, string state) => [.. channels.Where(c => c.State == state).Select(c => c.Channel)];
}
