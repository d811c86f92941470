using CnnOnnx.Onnx.Schema;
using Google.Protobuf.Collections;

namespace CnnOnnx.Onnx;

/// <summary>
/// Gives each layer initializers of its own again. PyTorch's exporter keeps one of several that are equal, as the biases of an
/// untrained network are, and makes the others of it by Identity, under their names.
/// </summary>
internal static class OwnInitializers
{
    /// <summary>The model with an initializer in place of each Identity of one; the same object where there are none.</summary>
    /// <param name="model">A model without calls of local functions; stays as it is.</param>
    public static OnnxModel WithOwnInitializers(this OnnxModel model)
    {
        HashSet<string> outputs = [.. model.Graph.Outputs.Select(o => o.Name)];
        HashSet<string> copies = [.. model.Graph.Nodes
            .Where(n => n is { OpType: "Identity", Domain: "" } && model.Graph.Initializer.ContainsKey(n.Inputs[0])
                && !outputs.Contains(n.Outputs[0]))
            .Select(n => n.Outputs[0])];
        return copies.Count == 0 ? model : model.Changed(copy =>
        {
            RepeatedField<NodeProto> nodes = copy.Graph.Node;
            foreach (NodeProto node in nodes.Where(n => n.OpType == "Identity" && copies.Contains(n.Output[0])).ToArray())
            {
                TensorProto own = copy.Graph.Initializer.First(t => t.Name == node.Input[0]).Clone();
                own.Name = node.Output[0];
                copy.Graph.Initializer.Add(own);
                nodes.Remove(node);
            }
        });
    }
}
