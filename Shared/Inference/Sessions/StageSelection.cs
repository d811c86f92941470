using CnnOnnx.Onnx;

namespace CnnOnnx.Inference;

/// <summary>Applies selections whose stages are found from the sizes of maps, which the runtime infers.</summary>
internal static class StageSelection
{
    /// <summary>Applies a selection; asks the runtime for sizes only when stages are wanted and no model card names them.</summary>
    /// <param name="selection">The selection.</param>
    /// <param name="model">A model without calls of local functions.</param>
    /// <exception cref="BadInputException">Nothing is left, or an operator, a name or the stages are not in the model.</exception>
    public static SelectionResult Choose(TensorSelection selection, OnnxModel model) =>
        selection.Choose(model, selection.StagesOnly && model.Card.Stages is null ? TypesOf(model) : null);

    private static Func<string, OnnxValue?>? TypesOf(OnnxModel model)
    {
        try
        {
            var values = TypedTensors.Of(model, [.. model.Graph.NodeOutputs], tries: true).Values.ToDictionary(value => value.Name);
            return values.GetValueOrDefault;
        }
        catch (OnnxException)
        {
            // What the runtime has against the model it says when it opens it.
            return null;
        }
    }
}
