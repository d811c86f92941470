using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>A model that is ready to run: the runtime's session on it, and the tensors that it is asked for.</summary>
/// <param name="Subgraphs">The model, with what is inside If and Loop.</param>
/// <param name="Exposed">The runtime's session, whose outputs the wanted tensors are.</param>
/// <param name="Plan">Tensors that a run is asked for.</param>
internal sealed record OpenedModel(SubgraphTensors Subgraphs, ExposedSession Exposed, FetchPlan Plan) : IDisposable
{
    /// <summary>Opens a model for some of its tensors. The caller disposes it.</summary>
    /// <param name="subgraphs">The model.</param>
    /// <param name="wanted">Names of tensors.</param>
    /// <param name="withOutputs">All of the model's own outputs are wanted as well.</param>
    /// <param name="settings">How to run.</param>
    /// <exception cref="OnnxException">The runtime does not take the model.</exception>
    public static OpenedModel Open(SubgraphTensors subgraphs, IReadOnlyList<string> wanted, bool withOutputs, SessionSettings settings)
    {
        ExposedSession? exposed = ExposedSession.Open(subgraphs.Model, wanted, withOutputs, settings);
        try
        {
            InferenceSession session = exposed.Session;
            // A cut session has not all of the model's outputs.
            IEnumerable<string> own = subgraphs.Model.Graph.Outputs.Select(o => o.Name)
                .Where(name => session.OutputMetadata.TryGetValue(name, out NodeMetadata? facts) && ExposedSession.IsReadable(facts))
                .Distinct();
            var opened = new OpenedModel(subgraphs, exposed, new FetchPlan(subgraphs.Model.Graph, session, exposed.Tensors, own));
            exposed = null;
            return opened;
        }
        finally
        {
            exposed?.Dispose();
        }
    }

    /// <summary>Frees the runtime's session.</summary>
    public void Dispose() => Exposed.Dispose();
}
