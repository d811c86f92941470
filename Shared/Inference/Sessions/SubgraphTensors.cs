using CnnOnnx.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Brings tensors to where a session can hand them out: those inside If and Loop, and those of types that it cannot hand out.
/// </summary>
/// <param name="Model">Model to open in place of the one that was read; the same object when nothing is hidden.</param>
/// <param name="HasRounds">Tensors of a Loop are stacked, which a run refuses when their shape changes from round to round.</param>
/// <param name="Skipped">Tensors that stay hidden.</param>
internal sealed record SubgraphTensors(OnnxModel Model, bool HasRounds, IReadOnlyList<SkippedTensor> Skipped)
{
    public static SubgraphTensors Open(OnnxModel model, LoopRounds rounds)
    {
        OnnxModel copied = FloatCopies.Apply(model);
        if (copied != model && !Loads(copied))
            copied = model;
        if (copied.Proto.Functions.Count == 0 && !copied.Graph.Nodes.Any(n => n.Subgraphs().Any()))
            return new SubgraphTensors(copied, false, []);

        SubgraphLifting lifting = SubgraphLifting.Apply(copied, rounds, _ => true);
        if (lifting.Lifted.Count > 0 && !Loads(lifting.Model))
            lifting = SubgraphLifting.Apply(copied, rounds, LoadsAlone(copied, rounds).Contains);
        bool hasRounds = rounds == LoopRounds.All && lifting.Lifted.Count > 0 && copied.Graph.Nodes.Any(n => n.OpType == "Loop");
        return new SubgraphTensors(lifting.Model, hasRounds, [.. lifting.Refused.Select(r => new SkippedTensor(r.Name, r.Reason))]);
    }

    // The types of what is inside are worked out from operators alone; where that went wrong the node stays closed.
    private static HashSet<string> LoadsAlone(OnnxModel model, LoopRounds rounds) =>
    [
        .. model.Graph.Nodes.Where(n => n.Subgraphs().Any()).Select(n => n.Name)
            .Where(name => Loads(SubgraphLifting.Apply(model, rounds, name.Equals).Model)),
    ];

    private static bool Loads(OnnxModel model)
    {
        try
        {
            using InferenceSession session = SessionFactory.Open(model, SessionSettings.AsWritten);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }
}
