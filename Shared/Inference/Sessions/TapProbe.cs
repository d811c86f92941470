using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Finds the tensors with which a model opens. Element types that the runtime's .NET side has no name for (float8, int4 …)
/// make the whole session fail without saying which output it was, so the outputs are halved until the culprits are alone.
/// </summary>
internal sealed class TapProbe(OnnxModel model, Func<IReadOnlyList<string>, InferenceSession> open)
{
    /// <summary>The session, which the caller disposes, or null and the reason.</summary>
    public InferenceSession? TryOpen(IReadOnlyList<string> taps, out OnnxRuntimeException? fault)
    {
        try
        {
            fault = null;
            return open(taps);
        }
        catch (OnnxRuntimeException refusal)
        {
            fault = refusal;
            return null;
        }
    }

    /// <summary>Finds the tensors that keep the model from being opened.</summary>
    /// <exception cref="OnnxException">It does not open without them either.</exception>
    public IReadOnlyList<SkippedTensor> Refused(IReadOnlyList<string> taps, OnnxRuntimeException fault)
    {
        OnnxRuntimeException? own = taps.Count == 0 ? fault : FaultOf([]);
        return own is null ? [.. Halve(taps, fault)] : throw RuntimeFault.Loading(model, own);
    }

    private IEnumerable<SkippedTensor> Halve(IReadOnlyList<string> taps, OnnxRuntimeException fault)
    {
        if (taps.Count == 1)
            return [new SkippedTensor(taps[0], Reason(taps[0], fault))];
        return taps.Chunk((taps.Count + 1) / 2).SelectMany(half => FaultOf(half) is { } inner ? Halve(half, inner) : []);
    }

    private OnnxRuntimeException? FaultOf(IReadOnlyList<string> taps)
    {
        using InferenceSession? session = TryOpen(taps, out OnnxRuntimeException? fault);
        return fault;
    }

    private string Reason(string name, OnnxRuntimeException fault)
    {
        if (!RuntimeFault.IsUnnamedType(fault))
            return $"cannot be an output: {RuntimeFault.Words(fault.Message)}";
        ElementType known = new GraphTypes(model.Proto.Graph).Of(name);
        string type = known == ElementType.Undefined ? "of an element type" : known.DisplayName();
        return $"is {type}, which ONNX Runtime's .NET interface cannot hand out";
    }
}
