using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Tensors that a session is asked for, looked up once, so that a run only has to put its values in.</summary>
internal sealed class FetchPlan
{
    private readonly FrozenDictionary<string, int> _places;

    /// <param name="graph">Graph of the model.</param>
    /// <param name="session">Opened for these tensors.</param>
    /// <param name="wanted">Names of the tensors that were asked for.</param>
    /// <param name="outputs">The model's own outputs, as far as the session makes them.</param>
    public FetchPlan(OnnxGraph graph, InferenceSession session, IReadOnlyList<string> wanted, IEnumerable<string> outputs)
    {
        string[] own = [.. outputs];
        (Graph, Layouts) = (graph, new(() => ChannelLayouts.Of(graph)));
        Wanted = wanted.Count;
        Names = [.. wanted.Union(own)];
        _places = Names.Select((name, place) => KeyValuePair.Create(name, place)).ToFrozenDictionary();
        Outputs = [.. own.Select(name => _places[name])];
        Tensors = [.. Names.Select(name => new Fetched(name, graph.Producer(name)?.OpType ?? "", graph.Producer(name)?.Name ?? "",
            session.OutputMetadata[name].Dimensions is [> 0, ..]))];
        FixedBytes = Names.Sum(name => FixedBytesOf(session.OutputMetadata[name]));
    }

    public OnnxGraph Graph { get; }

    /// <summary>Where the channels of each tensor are, followed through the graph when first asked for.</summary>
    public Lazy<ChannelLayouts> Layouts { get; }

    /// <summary>Names of the tensors in the order in which a run returns them: the wanted ones first.</summary>
    public string[] Names { get; }

    /// <summary>How many of <see cref="Names"/> were asked for.</summary>
    public int Wanted { get; }

    /// <summary>Places of the model's own outputs.</summary>
    public int[] Outputs { get; }

    public Fetched[] Tensors { get; }

    /// <summary>Bytes that a run takes at least for all of them: those whose shapes the model fixes, as far as it does.</summary>
    public double FixedBytes { get; }

    /// <exception cref="KeyNotFoundException">No tensor of the runs has the name.</exception>
    public int PlaceOf(string name) => _places.TryGetValue(name, out int place)
        ? place
        : throw new KeyNotFoundException(Graph.Producer(name) is null
            ? $"No tensor is named '{name}'{NearestName.Hint(name, Names)}; the names are those of {nameof(ActivationSession)}"
                + $".{nameof(ActivationSession.Tensors)}"
            : $"'{name}' is not among the tensors that the session was opened for; name it in {nameof(ActivationOptions)}"
                + $".{nameof(ActivationOptions.Tensors)}");

    private static double FixedBytesOf(NodeMetadata facts) => ExposedSession.IsReadable(facts)
        ? facts.Dimensions.Aggregate((double)ExposedSession.TypeOf(facts).SizeInBytes(1), (bytes, size) => bytes * (size < 0 ? 1 : size))
        : 0;

    /// <summary>A tensor that a run returns.</summary>
    /// <param name="Name">Name in the model.</param>
    /// <param name="Op">Type of the node that makes it.</param>
    /// <param name="Node">Name of that node.</param>
    /// <param name="IsFixed">Its first axis is of one length whatever the model is given.</param>
    internal readonly record struct Fetched(string Name, string Op, string Node, bool IsFixed);
}
