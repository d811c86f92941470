using System.Collections.Concurrent;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// Looks at the channels of all layers over many pictures: which are dead, constant, saturated or duplicates, and where NaN
/// and infinities come from. Memory depends on the number of channels only. Calls from several threads wait for one another.
/// </summary>
/// <param name="graph">Graph that makes the tensors.</param>
/// <param name="layouts">Axis of the channels of each tensor; as the graph has it when null.</param>
/// <param name="totals">What is found, or was found already; null to begin.</param>
internal sealed class ChannelSurvey(OnnxGraph graph, ChannelLayouts? layouts = null, SurveyTotals? totals = null)
{
    public const string FileName = "survey.json", TableFileName = "channels.csv";

    private readonly ChannelLayouts _layouts = layouts ?? ChannelLayouts.Of(graph);
    private readonly Lock _gate = new();
    private readonly IReadOnlyDictionary<string, string> _plumbing = Plumbing.Of(graph);
    private readonly ConcurrentDictionary<string, SaturationBounds> _bounds = [];
    private readonly Dictionary<string, int> _indices = graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();

    /// <summary>What was found so far.</summary>
    public SurveyTotals Totals { get; private set; } = totals ?? new SurveyTotals();

    /// <summary>Adds one run.</summary>
    /// <param name="input">The picture as it was given; for messages.</param>
    /// <param name="seen">Any selection of tensors, the same or another one for each run.</param>
    public void Add(string input, Activations seen)
    {
        var picture = new SurveyedPicture(input);
        Look(picture, seen, [.. seen.Select(tensor => TensorNumbers.Of(tensor, LayoutOf(tensor)))]);
        Add(picture, Totals.Pictures, seen.Samples);
    }

    /// <summary>
    /// Looks at tensors of a picture, which counts only when it is added: one that was interrupted leaves nothing here.
    /// </summary>
    /// <param name="picture">Gets what is found.</param>
    /// <param name="seen">Tensors in the order of the graph, also over several parts.</param>
    /// <param name="numbers">Statistics of the tensors, in their order.</param>
    /// <param name="threads">Number of threads that look at tensors.</param>
    public void Look(SurveyedPicture picture, Activations seen, IReadOnlyList<TensorNumbers> numbers, int threads = 1)
    {
        var maps = new SurveyedMaps[seen.Count][];
        ParallelWork.For(seen.Count, threads, CancellationToken.None,
            i => maps[i] = numbers[i].Channels.Length == 0 || IsPlumbing(seen[i]) ? []
                : LookAt(seen[i], Math.Min(seen.Samples, seen[i].Samples), numbers[i]));
        for (int i = 0; i < seen.Count; i++)
        {
            picture.Maps.AddRange(maps[i]);
            TensorStatistics whole = numbers[i].Whole;
            if (!whole.IsFinite)
                picture.NonFinite ??= new NonFiniteRecord(picture.Input, _indices.GetValueOrDefault(seen[i].Name), seen[i].Name,
                    whole.NanCount, whole.PositiveInfinityCount + whole.NegativeInfinityCount);
        }
    }

    /// <summary>Counts a picture, or a run of several, that was looked at.</summary>
    /// <param name="picture">What was found in it.</param>
    /// <param name="number">Its number among all inputs, or that of the first; larger than those before.</param>
    /// <param name="pictures">Number of pictures.</param>
    public void Add(SurveyedPicture picture, long number, int pictures = 1)
    {
        lock (_gate)
            Totals.Add(picture, number, pictures,
                tensor => _plumbing.ContainsKey(tensor) ? null : _indices.GetValueOrDefault(tensor));
    }

    /// <summary>Counts a picture of an earlier run, from what that run left in its folder.</summary>
    public void AddFinished(string input, long number, string folder)
    {
        var picture = new SurveyedPicture(input);
        if (SurveyedFile.TryRead(folder, picture))
            Add(picture, number);
        else
            lock (_gate)
                Totals.Unknown++;
    }

    /// <summary>Goes on from what was found before, in place of beginning.</summary>
    public void GoOn(SurveyTotals before) => Totals = before;

    public SurveyRecord Result() => Summarize(Judge());

    /// <summary>Writes the tables and survey.json.</summary>
    /// <exception cref="BadInputException">The folder cannot be written.</exception>
    public SurveyRecord Write(string folder)
    {
        var judged = Judge();
        ChannelsFile.Write(Path.Combine(folder, TableFileName), judged);
        LayersFile.Write(Path.Combine(folder, LayersFile.FileName), judged);
        LayersFile.WriteTop(Path.Combine(folder, LayersFile.TopFileName), judged, Totals.Names);
        SurveyRecord result = Summarize(judged);
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(result, SurveyJson.Readable.SurveyRecord));
        return result;
    }

    private SurveyedMaps[] LookAt(Activation tensor, int samples, TensorNumbers numbers)
    {
        SaturationBounds bounds = _bounds.GetOrAdd(tensor.Name, name => SaturationBounds.Of(graph, name));
        var maps = new SurveyedMaps[samples];
        for (int sample = 0; sample < samples; sample++)
            maps[sample] = SurveyedMaps.Of(tensor.Name, tensor.Op, tensor.Values, tensor.Shape, sample, numbers.Channels, bounds,
                LayoutOf(tensor));
        return maps;
    }

    private bool IsPlumbing(Activation tensor) => _plumbing.ContainsKey(tensor.Name) || Plumbing.IsScalar(tensor.Shape);

    private ChannelLayout LayoutOf(Activation tensor) => _layouts.Of(tensor.Name, tensor.Shape.Rank).Layout;

    private (LayerSurvey Layer, ChannelHealth[] Channels)[] Judge()
    {
        (LayerSurvey Layer, ChannelHealth[] Channels)[] judged;
        lock (_gate)
            judged = [.. Totals.Layers.Select(l => (l, l.Judge())).Where(j => j.Item2.Length > 0)];
        var origins = new ChannelOrigins(graph, _layouts, judged.ToDictionary(j => j.Layer.Name, j => StatesOf(j.Layer, j.Channels)));
        return [.. judged.Select(j => (j.Layer,
            j.Channels.Select(c => c with { From = origins.Of(j.Layer.Name, c.Channel, c.State) }).ToArray()))];
    }

    private static string[] StatesOf(LayerSurvey layer, ChannelHealth[] channels)
    {
        string[] states = [.. Enumerable.Repeat("", layer.Channels)];
        foreach (ChannelHealth channel in channels)
            states[channel.Channel] = channel.State;
        return states;
    }

    private SurveyRecord Summarize((LayerSurvey Layer, ChannelHealth[] Channels)[] judged)
    {
        SurveyRecord.Layer[] layers = [.. judged.Select(j =>
            new SurveyRecord.Layer(j.Layer.Index, j.Layer.Name, j.Layer.Op, j.Channels.Length,
            In(j.Channels, "dead"), In(j.Channels, "constant"), In(j.Channels, "saturated"), In(j.Channels, "duplicate"),
                In(j.Channels, "nonfinite")))];
        return new SurveyRecord(Totals.Pictures, Totals.Unknown, layers.Sum(l => l.Channels), layers.Sum(l => l.Dead.Length),
            layers.Sum(l => l.Constant.Length),
            layers.Sum(l => l.Saturated.Length), layers.Sum(l => l.Duplicate.Length),
            Totals.First, Totals.WithNonFinite, [.. Totals.NonFinite],
            [.. layers.Where(l => l.Dead.Length + l.Constant.Length + l.Saturated.Length + l.Duplicate.Length + l.NonFinite.Length > 0)])
        {
            Copies = judged.Sum(j => j.Channels.Count(channel => channel.From is not null)),
        };
    }

    private static int[] In(ChannelHealth[] channels, string state) =>
        [.. channels.Where(c => c.State == state && c.From is null).Select(c => c.Channel)];
}
