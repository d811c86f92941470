using System.Text.Json;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Measures a model node by node. Nothing is rewritten, so every node is there, and only what nothing else uses is an
/// output, so a run takes no more memory than the model's own.
/// </summary>
internal sealed class ModelProfiler(OnnxModel model, SessionSettings settings)
{
    /// <param name="tensors">Names of the tensors that are asked about.</param>
    /// <param name="inputs">Inputs of the runs.</param>
    /// <param name="runs">Number of runs, whose median time is taken; one more run warms up when there are several.</param>
    /// <param name="cancel">Stops between two runs.</param>
    /// <exception cref="OnnxRuntimeException">The model does not run.</exception>
    public IReadOnlyDictionary<string,
        TensorCost> Measure(IReadOnlyList<string> tensors, RunInputs inputs, int runs, CancellationToken cancel)
    {
        string[] ends = [.. Ends(tensors)];
        ILookup<string, NodeEvent> events = Profile(ends, inputs, runs, cancel).ToLookup(e => e.Node);
        return tensors.ToDictionary(name => name,
            name => Cost(name, runs > 1 ? [.. events[NodeOf(name).Name].Skip(1)] : [.. events[NodeOf(name).Name]]));
    }

    private OnnxNode NodeOf(string tensor) => model.Graph.Producer(tensor)!;

    private IEnumerable<string> Ends(IReadOnlyList<string> tensors)
    {
        HashSet<string> used = [.. model.Graph.NodesFor(tensors).SelectMany(NodeOrder.UsedNames)];
        return tensors.Where(name => !used.Contains(name));
    }

    private NodeEvent[] Profile(string[] outputs, RunInputs inputs, int runs, CancellationToken cancel)
    {
        ModelProto proto = GraphCut.Of(model, outputs);
        NameNodes(proto.Graph, outputs);
        string folder = Directory.CreateTempSubdirectory("cnnonnx-profile-").FullName;
        try
        {
            // The prefix has to be there before profiling is switched on.
            SessionSettings asWritten = settings with { Optimization = OptimizationLevel.Disabled };
            using InferenceSession session = SessionFactory.Open(proto, model.Source, asWritten,
                options =>
                {
                    options.ProfileOutputPathPrefix = Path.Combine(folder, "run");
                    options.EnableProfiling = true;
                });
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            for (int i = 0; i < (runs > 1 ? runs + 1 : 1); i++)
            {
                cancel.ThrowIfCancellationRequested();
                session.Run(run, inputs.Values, outputs).Dispose();
            }

            using FileStream file = File.OpenRead(session.EndProfiling());
            using JsonDocument profile = JsonDocument.Parse(file);
            return [.. NodeEvent.Read(profile)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Files may leave names out; the profile knows nodes by nothing else.
    private void NameNodes(GraphProto graph, IReadOnlyList<string> outputs)
    {
        OnnxNode[] nodes = [.. model.Graph.NodesFor(outputs)];
        for (int i = 0; i < nodes.Length; i++)
        {
            graph.Node[i] = nodes[i].Proto.Clone();
            graph.Node[i].Name = nodes[i].Name;
        }
    }

    private TensorCost Cost(string tensor, NodeEvent[] events)
    {
        if (events.Length == 0)
            return new TensorCost(null, null, null);
        int place = NodeOf(tensor).Outputs.Where(o => o.Length > 0).ToList().IndexOf(tensor);
        long?[] bytes = events[^1].OutputBytes;
        double[] times = [.. events.Select(e => e.Milliseconds).Order()];
        return new TensorCost(place < bytes.Length ? bytes[place] : null, times[times.Length / 2], events[^1].Provider);
    }
}

/// <summary>Cost of a tensor.</summary>
/// <param name="Bytes">Bytes that its elements take; null when the runtime did not say.</param>
/// <param name="Milliseconds">Time of the node that makes it; null when it was rewritten away.</param>
/// <param name="Provider">Provider that ran the node, such as CPUExecutionProvider.</param>
internal sealed record TensorCost(long? Bytes, double? Milliseconds, string? Provider);
