using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// What the error of one layer alone changes in the output: the first model is run on with the layer's result replaced, everything else
/// being its own.
/// </summary>
internal static class OutputEffects
{
    /// <summary>Runs the first model with one tensor replaced.</summary>
    /// <param name="model">The first model, without local functions.</param>
    /// <param name="tensor">Tensor that is replaced.</param>
    /// <param name="value">Value in its place.</param>
    /// <param name="run">A run of the model as it is, on the same input.</param>
    /// <param name="options">Threads, device and optimisation.</param>
    /// <returns>‖y′ − y‖₂ / ‖y‖₂ of the first output; null where it does not depend on the tensor alone.</returns>
    public static double? Of(OnnxModel model, string tensor, TensorData value, Activations run, ActivationOptions options)
    {
        if (run.Outputs.FirstOrDefault(o => FloatConversion.CanConvert(o.ElementType)) is not { } output)
            return null;
        if (output.Name == tensor)
            return RelativeChange(output.Values, ToFloats(value));
        OnnxModel changed = Replaceable(model, tensor, value, output.Name);
        if (changed.Graph.NodesFor([output.Name]).All(n => !NodeOrder.UsedNames(n).Contains(tensor)))
            return 0;
        using ActivationSession session = ActivationSession.Open(changed,
            options with { Tensors = [output.Name], Selection = new TensorSelection() });
        Dictionary<string, TensorData> inputs = run.Inputs.Where(i => changed.Graph.Inputs.Any(g => g.Name == i.Name))
            .ToDictionary(i => i.Name, i => new TensorData(i.ElementType, i.Shape, i.Raw.ToArray()));
        inputs[tensor] = value;
        using Activations other = session.Run(inputs);
        return RelativeChange(output.Values, other[output.Name].Values);
    }

    private static OnnxModel Replaceable(OnnxModel model, string tensor, TensorData value, string output) => model.Changed(copy =>
    {
        foreach (NodeProto node in copy.Graph.Node)
            for (int i = 0; i < node.Output.Count; i++)
                if (node.Output[i] == tensor)
                    node.Output[i] = tensor + "/replaced";
        copy.Graph.ValueInfo.Clear();
        copy.Graph.Output.Clear();
        copy.Graph.Output.Add(new ValueInfoProto { Name = output });
        copy.Graph.Input.Add(new OnnxValue
        {
            Name = tensor,
            Kind = OnnxValueKind.Tensor,
            ElementType = value.Type,
            Shape = [.. value.Shape.Dims.Select(size => (Dimension)size)],
        }.ToProto());
    });

    private static double RelativeChange(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        double change = 0, norm = 0;
        for (int i = 0; i < Math.Min(before.Length, after.Length); i++)
        {
            double off = after[i] - (double)before[i];
            change += off * off;
            norm += (double)before[i] * before[i];
        }

        return norm == 0 ? change == 0 ? 0 : double.PositiveInfinity : Math.Sqrt(change / norm);
    }

    private static float[] ToFloats(TensorData value) => value.ToFloats();
}
