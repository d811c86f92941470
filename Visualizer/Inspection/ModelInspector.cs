using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>Gathers what can be said about a model without running it on a picture.</summary>
internal static class ModelInspector
{
    /// <exception cref="OnnxException">The file is no valid model.</exception>
    public static ModelFacts Inspect(string path)
    {
        OnnxModel model = OnnxModel.Read(path).Runnable;
        OnnxGraph graph = model.Graph;
        (Dictionary<string, OnnxValue> known, Dictionary<string, string> unreadable, string[] remarks) = Types(model);
        ModelFacts.Layer[] layers = [.. Layers(graph, known, unreadable)];
        return new ModelFacts
        {
            File = path,
            Bytes = new FileInfo(path).Length,
            Producer = model.Producer,
            IrVersion = model.IrVersion,
            Opsets = model.Opsets.OrderBy(o => o.Key, StringComparer.Ordinal).ToDictionary(o => o.Key.Length == 0 ? "ai.onnx" : o.Key, o =>
                o.Value),
            Inputs = [.. graph.Inputs.Select(i => i.ToString())],
            Outputs = [.. graph.Outputs.Select(o => (known.GetValueOrDefault(o.Name) ?? o).ToString())],
            Operators = graph.Nodes.GroupBy(n => FullName(n)).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Count()),
            Layers = layers,
            Parameters = graph.Initializers.Sum(t => t.Shape.Count),
            ParameterBytes = graph.Initializers.Where(t => t.ElementType.HasFixedSize()).Sum(t => t.ElementType.SizeInBytes(t.Shape.Count)),
            Kernels = NetworkWeights.Of(model).Count,
            Preprocessing = model.Card.Input ?? PictureInput.Find(graph) switch
            {
                { NeedsPictureSize: false } input => PreprocessingGuess.SpecOf(model, input, new Size(1, 1)),
                _ => null,
            },
            Guess = model.Card.Input is null ? PreprocessingGuess.Of(model) : null,
            HasCard = model.Card.Input is not null,
            Labels = model.Card.Labels,
            Stages = model.Card.Stages,
            Training = model.Card.Training,
            Remarks = remarks,
        };
    }

    private static (Dictionary<string, OnnxValue>, Dictionary<string, string>, string[]) Types(OnnxModel model)
    {
        try
        {
            var typed = TypedTensors.Of(model, [.. model.Graph.NodeOutputs]);
            return (typed.Values.ToDictionary(v => v.Name), typed.Unknown.ToDictionary(s => s.Name, s => s.Reason), []);
        }
        catch (OnnxException fault)
        {
            // What is inside can still be listed, with the shapes that the file declares.
            string[] names = [.. model.Graph.NodeOutputs.Where(name => model.Graph.Declared(name) is not null)];
            return (names.ToDictionary(name => name, name => model.Graph.Declared(name)!), [], [fault.Message]);
        }
    }

    private static IEnumerable<ModelFacts.Layer> Layers(OnnxGraph graph, Dictionary<string, OnnxValue> known, Dictionary<string,
        string> unreadable)
    {
        HashSet<string> varying = TensorSelection.Varying(graph);
        var counted = new HashSet<string>();
        int index = 0;
        foreach (OnnxNode node in graph.Nodes)
        {
            long parameters = node.Inputs.Where(i => graph.Initializer.ContainsKey(i) && counted.Add(i)).Sum(i =>
                graph.Initializer[i].Shape.Count);
            foreach (string output in node.Outputs.Where(o => o.Length > 0))
            {
                OnnxValue? value = known.GetValueOrDefault(output);
                string drawing = unreadable.GetValueOrDefault(output) ?? (varying.Contains(output) ? Drawing(value) : "with --constants");
                yield return new ModelFacts.Layer(index++, node.Name, FullName(node), output,
                    value is { ElementType: not ElementType.Undefined } ? value.ElementType.DisplayName() : "?",
                    value?.Shape is { } dims ? [.. dims.Select(d => d.ToString())] : null, parameters, drawing);
                parameters = 0;
            }
        }
    }

    private static string Drawing(OnnxValue? value) =>
        value?.ElementType == ElementType.String ? "nothing: holds strings"
        : value?.Shape is not { } dims ? "?"
        : dims.Length switch
        {
            0 => "number",
            1 or 2 => "bars",
            _ when dims[2..].All(d => d.Size == 1) => "bars",
            _ => "maps",
        };

    private static string FullName(OnnxNode node) => node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}";
}
