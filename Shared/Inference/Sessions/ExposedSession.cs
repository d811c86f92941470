using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>A runtime session of which as many wanted tensors are outputs as the runtime can hand out.</summary>
internal sealed class ExposedSession : IDisposable
{
    private ExposedSession(InferenceSession session, IEnumerable<string> wanted, IReadOnlyList<SkippedTensor> refused)
    {
        Session = session;
        string[] open = [.. wanted.Except(refused.Select(r => r.Name))];
        Tensors = [.. open.Where(name => IsReadable(session.OutputMetadata[name]))];
        Skipped = [.. refused,
            .. open.Except(Tensors).Select(name => new SkippedTensor(name, WhyUnreadable(session.OutputMetadata[name])))];
    }

    public InferenceSession Session { get; }

    /// <summary>The wanted tensors that a run returns, in the order in which they were asked for.</summary>
    public IReadOnlyList<string> Tensors { get; }

    public IReadOnlyList<SkippedTensor> Skipped { get; }

    /// <param name="model">The model.</param>
    /// <param name="wanted">Names of tensors; no node is run that neither they nor the outputs that are kept need.</param>
    /// <param name="withOutputs">All of the model's own outputs are wanted as well.</param>
    /// <param name="settings">How to run.</param>
    /// <exception cref="OnnxException">The runtime does not take the model, or more tensors are wanted than it copes with.</exception>
    public static ExposedSession Open(OnnxModel model, IReadOnlyList<string> wanted, bool withOutputs, SessionSettings settings)
    {
        RequireTime(model, wanted);
        string[] kept = OutputsKept(model, wanted, withOutputs);
        string[] taps = [.. wanted.Except(model.Graph.Outputs.Select(o => o.Name))];
        // A runtime refuses a model without any output.
        var probe = new TapProbe(model, names => names.Union(kept).ToArray() is { Length: > 0 } outputs
            ? SessionFactory.OpenCut(model, outputs, settings)
            : SessionFactory.Open(model, settings));
        IReadOnlyList<SkippedTensor> refused = [];
        InferenceSession? session = probe.TryOpen(taps, out OnnxRuntimeException? fault);
        if (session is null)
        {
            refused = probe.Refused(taps, fault!);
            session = probe.TryOpen([.. taps.Except(refused.Select(r => r.Name))], out fault);
        }

        if (session is null)
            throw RuntimeFault.Loading(model, fault!);
        try
        {
            return new ExposedSession(session, wanted, refused);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Checks, before a million nodes are copied for a session, that it can be opened in reasonable time.</summary>
    /// <exception cref="OnnxException">More tensors are wanted than the runtime copes with.</exception>
    public static void RequireTime(OnnxModel model, IReadOnlyList<string> wanted) =>
        RuntimeLimits.RequireTime(model.Source, model.Graph.NodesFor(wanted).Length, wanted.Count);

    /// <summary>The model's own outputs that are there beside the wanted tensors.</summary>
    public static string[] OutputsKept(OnnxModel model, IReadOnlyList<string> wanted, bool withOutputs)
    {
        string[] own = [.. model.Graph.Outputs.Select(o => o.Name)];
        return withOutputs ? own : [.. GraphCut.Free(model.Graph, wanted, own)];
    }

    /// <summary>True for a tensor of numbers.</summary>
    public static bool IsReadable(NodeMetadata facts) => facts.IsTensor && FloatConversion.CanConvert(TypeOf(facts));

    /// <summary>ONNX and ONNX Runtime number the element types alike.</summary>
    public static ElementType TypeOf(NodeMetadata facts) => (ElementType)facts.ElementDataType;

    public void Dispose() => Session.Dispose();

    private static string WhyUnreadable(NodeMetadata facts) => facts.IsTensor
        ? $"holds elements of type {TypeOf(facts).DisplayName()}"
        : $"is a {facts.OnnxValueType.ToString().Replace("ONNX_TYPE_", "", StringComparison.Ordinal).ToLowerInvariant()}, not a tensor";
}

/// <summary>A tensor that was wanted and cannot be shown.</summary>
/// <param name="Name">Name of the tensor in the model.</param>
/// <param name="Reason">Why not: a predicate such as "holds elements of type string".</param>
public sealed record SkippedTensor(string Name, string Reason);
