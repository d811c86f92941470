using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Makes the tensors inside If and Loop outputs of those nodes, named "node/body/tensor", so that they can be seen like all
/// others. Of an If, the branch that was not taken gives tensors without elements.
/// </summary>
/// <param name="Model">The model with the longer nodes; the same object when there is nothing to lift.</param>
/// <param name="Lifted">Names of the new outputs.</param>
/// <param name="Refused">Names and reasons of what stays inside.</param>
internal sealed record SubgraphLifting(OnnxModel Model, IReadOnlyList<string> Lifted, IReadOnlyList<(string Name, string Reason)> Refused)
{
    private const string UnknownType = "is no tensor, or of an element type that cannot be told before a run";
    private const string Deep = "is nested more than one level deep";

    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="rounds">Rounds of a Loop that are seen.</param>
    /// <param name="isWanted">Which nodes may be opened, by name.</param>
    public static SubgraphLifting Apply(OnnxModel model, LoopRounds rounds, Func<string, bool> isWanted)
    {
        var functions = model.Proto.Functions.Select(f => (f.Domain, f.Name)).ToHashSet();
        ModelProto proto = model.Proto.Clone();
        var outside = new GraphTypes(proto.Graph);
        // The clone's nodes are in the file's order; the checked graph has given them names.
        var copies = new Dictionary<NodeProto, NodeProto>(
            model.Proto.Graph.Node.Zip(proto.Graph.Node, KeyValuePair.Create), ReferenceEqualityComparer.Instance);
        var lifted = new List<string>();
        var refused = new List<(string, string)>();
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            InnerTensor[] inner = [.. InnerTensor.Of(node.Name, node.Proto)];
            if (functions.Contains((node.Proto.Domain, node.OpType)))
                refused.Add(($"{node.Name}/*", $"is inside function '{node.OpType}', which runs as a whole"));
            else if (inner.Length > 0 && !isWanted(node.Name))
                refused.Add(($"{node.Name}/*", $"is inside {node.OpType}, which ONNX Runtime does not take with more outputs"));
            else if (inner.Length > 0 && (node.Domain.Length > 0 || node.OpType is not ("If" or "Loop")))
                refused.AddRange(inner.Select(t => (t.Display, $"is inside {node.OpType}")));
            else
                Lift(node, copies[node.Proto], inner);
        }

        return new SubgraphLifting(lifted.Count == 0 ? model : new OnnxModel(proto, model.Source), lifted, refused);

        void Lift(OnnxNode node, NodeProto copy, InnerTensor[] inner)
        {
            foreach (InnerTensor tensor in inner)
            {
                AttributeProto body = copy.Attribute.First(a => a.Name == tensor.Body);
                ElementType type = new GraphTypes(body.G, outside).Of(tensor.Name);
                if (tensor.IsDeep || !FloatConversion.CanConvert(type))
                {
                    refused.Add((tensor.Display, tensor.IsDeep ? Deep : UnknownType));
                    continue;
                }

                if (node.OpType == "If")
                    LiftIf(copy, tensor, type);
                else if (rounds == LoopRounds.All)
                    LiftEveryRound(copy, body.G, tensor, type);
                else
                    LiftLastRound(copy, body.G, proto.Graph, tensor, type);
                lifted.Add(tensor.Display);
            }
        }
    }

    private static void LiftIf(NodeProto node, InnerTensor tensor, ElementType type)
    {
        foreach (AttributeProto branch in node.Attribute.Where(a => a.G is not null))
            branch.G.Output.Add(branch.Name == tensor.Body ? Copied(branch.G, tensor, type) : Empty(branch.G, tensor, type));
        node.Output.Add(tensor.Display);
    }

    // A further scan output: the rounds stand along a new first axis. All have to be of one shape.
    private static void LiftEveryRound(NodeProto node, GraphProto body, InnerTensor tensor, ElementType type)
    {
        Pad(node.Output, body.Output.Count - 1);
        body.Output.Add(Copied(body, tensor, type));
        node.Output.Add(tensor.Display);
    }

    // A further value that is carried from round to round, and that nobody reads. Inputs are (M, condition, carried …) and
    // the body's outputs (condition, carried …, scanned …).
    private static void LiftLastRound(NodeProto node, GraphProto body, GraphProto around, InnerTensor tensor, ElementType type)
    {
        Pad(node.Input, 2);
        Pad(node.Output, body.Output.Count - 1);
        int carried = node.Input.Count - 2;
        string start = $"{tensor.Display}/start";
        around.Initializer.Add(new TensorProto { Name = start, DataType = (int)type, Dims = { 0 } });
        node.Input.Add(start);
        node.Output.Insert(carried, tensor.Display);
        body.Input.Add(Value($"{tensor.Display}/before", type));
        body.Output.Insert(1 + carried, Copied(body, tensor, type));
    }

    // Through an Identity: the tensor may be an output of the body already, and no name may stand there twice.
    private static ValueInfoProto Copied(GraphProto body, InnerTensor tensor, ElementType type)
    {
        string output = $"{tensor.Display}/out";
        body.Node.Add(new NodeProto { OpType = "Identity", Input = { tensor.Name }, Output = { output } });
        return Value(output, type);
    }

    private static ValueInfoProto Empty(GraphProto body, InnerTensor tensor, ElementType type)
    {
        string output = $"{tensor.Display}/none";
        body.Node.Add(new NodeProto
        {
            OpType = "Constant",
            Output = { output },
            Attribute =
            {
                new AttributeProto
                {
                    Name = "value",
                    Type = AttributeProto.Types.AttributeType.Tensor,
                    T = new TensorProto { DataType = (int)type, Dims = { 0 } },
                },
            },
        });
        return Value(output, type);
    }

    private static ValueInfoProto Value(string name, ElementType type) =>
        new OnnxValue { Name = name, Kind = OnnxValueKind.Tensor, ElementType = type }.ToProto();

    private static void Pad(Google.Protobuf.Collections.RepeatedField<string> names, int count)
    {
        while (names.Count < count)
            names.Add("");
    }
}

/// <summary>Rounds of a tensor inside a Loop that are seen.</summary>
internal enum LoopRounds
{
    /// <summary>Every round, along a new first axis; the tensor must have the same shape in each.</summary>
    All,

    /// <summary>The last round only, whatever its shape.</summary>
    Last,
}

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
