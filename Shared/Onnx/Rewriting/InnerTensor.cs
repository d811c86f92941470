using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>A tensor that a node inside a body of If, Loop or Scan makes.</summary>
/// <param name="Display">"node/body/tensor".</param>
/// <param name="Body">The attribute of the node that holds it.</param>
/// <param name="Name">Inside the body.</param>
/// <param name="IsDeep">The body is itself inside a body of this node.</param>
internal readonly record struct InnerTensor(string Display, string Body, string Name, bool IsDeep)
{
    /// <summary>All that the bodies of a node make, without constants.</summary>
    public static IEnumerable<InnerTensor> Of(string node, NodeProto proto) => Of(node, proto, deepIn: null);

    private static IEnumerable<InnerTensor> Of(string node, NodeProto proto, string? deepIn)
    {
        foreach (AttributeProto body in proto.Attribute.Where(a => a.G is not null))
        {
            string prefix = $"{node}/{body.Name.Replace("_branch", "", StringComparison.Ordinal)}";
            foreach (NodeProto inner in body.G.Node.Where(n => n.OpType != "Constant"))
            {
                foreach (string tensor in inner.Output.Where(o => o.Length > 0))
                    yield return new InnerTensor($"{prefix}/{tensor}", deepIn ?? body.Name, tensor, deepIn is not null);
                string name = inner.Name.Length > 0 ? inner.Name : inner.Output.FirstOrDefault() ?? inner.OpType;
                foreach (InnerTensor deep in Of($"{prefix}/{name}", inner, deepIn ?? body.Name))
                    yield return deep;
            }
        }
    }
}
