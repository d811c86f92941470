using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Puts a new classifier behind a tensor of features: a mean over the map where there is one, then layers whose weights have shapes and
/// no values yet. What the model had behind the features goes.
/// </summary>
internal sealed class ClassifierAppending
{
    /// <summary>Kinds of classifiers, by name; each makes the scores of pooled features, given their number.</summary>
    private static readonly Dictionary<string, Func<ClassifierAppending, string, long, string>> KindRows = new()
    {
        ["linear"] = (head, features, count) => head.Linear(features, "head", count, head._classes),
        ["mlp"] = (head, features, count) =>
        {
            string hidden = head.Node("Relu", "head.1", [head.Linear(features, "head.0", count, HiddenFeatures)]);
            return head.Linear(head.Dropout(hidden, "head.2", 0.2f), "head.3", HiddenFeatures, head._classes);
        },
        ["xray"] = (head, features, count) =>
        {
            string kept = head.Dropout(head.BatchNorm(features, "head.0", count), "head.1", 0.8f);
            string hidden = head.BatchNorm(head.Linear(kept, "head.2", count, XrayFeatures), "head.3", XrayFeatures);
            string scores = head.Linear(head.Node("Relu", "head.4", [hidden]), "head.5", XrayFeatures, head._classes);
            return head.BatchNorm(scores, "head.6", head._classes);
        },
    };

    private const int HiddenFeatures = 256, XrayFeatures = 128, LeastOpset = 7, RatioIsInputFrom = 12;

    private readonly GraphProto _graph;
    private readonly int _classes, _opset;

    private ClassifierAppending(GraphProto graph, int classes, int opset) => (_graph, _classes, _opset) = (graph, classes, opset);

    /// <summary>Names of all kinds: linear, mlp (a hidden layer), xray (two layers with normalisation and much dropout).</summary>
    public static IReadOnlyCollection<string> Kinds => KindRows.Keys;

    /// <summary>The model up to its features with a classifier behind them, whose scores are its only output.</summary>
    /// <param name="model">Stays as it is; without calls of local functions.</param>
    /// <param name="features">Name of the tensor.</param>
    /// <param name="shape">Its shape: [N, features] or [N, features, height, width].</param>
    /// <param name="kind">A name of <see cref="Kinds"/>.</param>
    /// <param name="classes">Number of classes, from 1.</param>
    /// <returns>The model and the name of its scores.</returns>
    /// <exception cref="OnnxException">The model is of an opset that is too old.</exception>
    public static (OnnxModel Model, string Scores) Apply(
        OnnxModel model, string features, IReadOnlyList<long> shape, string kind, int classes)
    {
        int opset = (int)(model.Proto.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0);
        if (opset < LeastOpset)
            throw new OnnxException(model.Source, $"is of opset {opset}, expected {LeastOpset} or later to put a classifier behind it");
        ModelProto cut = GraphCut.Of(model, [features]);
        cut.Graph.Output.Clear();
        var head = new ClassifierAppending(cut.Graph, classes, opset);
        string row = features;
        if (shape.Count > 2)
        {
            string pooled = shape[2] * shape[3] > 1 ? head.Node("GlobalAveragePool", "head.pool", [features]) : features;
            row = head.Node("Flatten", "head.flatten", [pooled]);
        }

        string scores = KindRows[kind](head, row, shape[1]);
        cut.Graph.Output.Add(new ValueInfoProto { Name = scores });
        if (model.Card.Stages is { } stages)
        {
            HashSet<string> left = [.. cut.Graph.Node.SelectMany(node => node.Output)];
            KeyValuePair<string, string>[] kept = [.. stages.Where(s => left.Contains(s.Value)), KeyValuePair.Create("classifier", scores)];
            (model.Card with { Stages = kept }).WriteTo(cut.MetadataProps);
        }

        return (new OnnxModel(cut, model.Source), scores);
    }

    private string Linear(string input, string name, long inputs, long outputs) => Node("Gemm", name,
        [input, Initializer(name + ".weight", null, outputs, inputs), Initializer(name + ".bias", null, outputs)],
        new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });

    private string BatchNorm(string input, string name, long channels) => Node("BatchNormalization", name,
    [
        input, Initializer(name + ".weight", 1, channels), Initializer(name + ".bias", 0, channels),
        Initializer(name + ".running_mean", 0, channels), Initializer(name + ".running_var", 1, channels),
    ]);

    private string Dropout(string input, string name, float ratio) => _opset >= RatioIsInputFrom
        ? Node("Dropout", name, [input, Initializer(name + ".ratio", ratio)])
        : Node("Dropout", name, [input],
            new AttributeProto { Name = "ratio", Type = AttributeProto.Types.AttributeType.Float, F = ratio });

    private string Node(string op, string name, string[] inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        string free = Free(name);
        var node = new NodeProto { Name = free, OpType = op };
        node.Input.AddRange(inputs);
        node.Output.Add(free);
        foreach (AttributeProto attribute in attributes)
            node.Attribute.Add(attribute);
        _graph.Node.Add(node);
        return free;
    }

    /// <param name="value">Value of all elements; null for none yet.</param>
    private string Initializer(string name, float? value, params ReadOnlySpan<long> shape)
    {
        string free = Free(name);
        var tensor = new TensorProto { Name = free, DataType = (int)ElementType.Float };
        tensor.Dims.AddRange(shape.ToArray());
        if (value is { } number)
            tensor.FloatData.AddRange(Enumerable.Repeat(number, (int)new TensorShape(shape).Count));
        _graph.Initializer.Add(tensor);
        return free;
    }

    // A model that was given a head before has these names.
    private string Free(string name)
    {
        string free = name;
        for (int copy = 2; IsTaken(free); copy++)
            free = $"{name}_{copy}";
        return free;
    }

    private bool IsTaken(string name) => _graph.Initializer.Any(t => t.Name == name) || _graph.Input.Any(i => i.Name == name)
        || _graph.Node.Any(n => n.Name == name || n.Output.Contains(name));
}
