using System.Collections.Immutable;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>Checks the names of a graph and puts its nodes into an order in which they can run.</summary>
internal static class NodeOrder
{
    // Deeper nesting than any real model has; each level of reading takes stack.
    private const int MaxDepth = 24;

    /// <exception cref="OnnxException">A cycle, a name that nothing defines, a name defined twice.</exception>
    public static ImmutableArray<OnnxNode> Sort(
        GraphProto graph, ImmutableArray<OnnxValue> inputs, ImmutableArray<OnnxTensor> initializers, GraphScope scope)
    {
        if (scope.Depth > MaxDepth)
            throw new OnnxException(scope.ModelSource, $"graphs are nested {scope.Depth} deep, expected at most {MaxDepth}");
        foreach (OnnxValue input in inputs)
            if (!scope.Define(input.Name))
                throw new OnnxException(scope.ModelSource, $"two inputs are named '{input.Name}'");
        foreach (OnnxTensor initializer in initializers)
            scope.Define(initializer.Name);
        foreach (SparseTensorProto sparse in graph.SparseInitializer)
            scope.Define(sparse.Values?.Name ?? "");

        ImmutableArray<OnnxNode> nodes = Named(graph, scope);
        Dictionary<string, int> maker = Makers(nodes, scope);
        return Topological(nodes, maker, scope);
    }

    private static ImmutableArray<OnnxNode> Named(GraphProto graph, GraphScope scope)
    {
        var taken = new HashSet<string>();
        // A file may give one name to all of its nodes: each copy goes on counting where the last one stopped.
        var copies = new Dictionary<string, int>();
        var nodes = ImmutableArray.CreateBuilder<OnnxNode>(graph.Node.Count);
        foreach (NodeProto proto in graph.Node)
        {
            string wanted = OnnxNode.NameOf(proto), name = wanted;
            while (!taken.Add(name))
                name = $"{wanted}_{copies[wanted] = copies.GetValueOrDefault(wanted, 1) + 1}";
            nodes.Add(new OnnxNode(proto, scope, name));
        }

        return nodes.MoveToImmutable();
    }

    private static Dictionary<string, int> Makers(ImmutableArray<OnnxNode> nodes, GraphScope scope)
    {
        var maker = new Dictionary<string, int>();
        for (int i = 0; i < nodes.Length; i++)
            foreach (string output in nodes[i].Outputs)
                if (output.Length > 0 && (scope.DefinesHere(output) || !maker.TryAdd(output, i)))
                    throw nodes[i].Error($"makes '{output}', which is defined already");
        return maker;
    }

    // Kahn's algorithm with the file's order as the tie-breaker, so a sorted file stays as it is.
    private static ImmutableArray<OnnxNode> Topological(ImmutableArray<OnnxNode> nodes, Dictionary<string, int> maker, GraphScope scope)
    {
        int[] waitsFor = new int[nodes.Length];
        var waiting = new List<int>[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            foreach (string used in UsedNames(nodes[i]).Distinct())
            {
                if (maker.TryGetValue(used, out int from))
                {
                    (waiting[from] ??= []).Add(i);
                    waitsFor[i]++;
                }
                else if (!scope.Defines(used))
                {
                    throw nodes[i].Error($"uses '{used}', which no input, initializer or node defines");
                }
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Length; i++)
            if (waitsFor[i] == 0)
                ready.Enqueue(i, i);
        var sorted = ImmutableArray.CreateBuilder<OnnxNode>(nodes.Length);
        while (ready.TryDequeue(out int next, out _))
        {
            sorted.Add(nodes[next]);
            foreach (string output in nodes[next].Outputs)
                scope.Define(output);
            foreach (int user in waiting[next] ?? [])
                if (--waitsFor[user] == 0)
                    ready.Enqueue(user, user);
        }

        if (sorted.Count < nodes.Length)
            throw nodes[Array.FindIndex(waitsFor, w => w > 0)].Error("is part of a cycle: it needs its own result");
        return sorted.MoveToImmutable();
    }

    /// <summary>Inputs of the node, and what its bodies take from around them.</summary>
    public static IEnumerable<string> UsedNames(OnnxNode node) =>
        node.Inputs.Where(i => i.Length > 0).Concat(Captured(node.Proto));

    /// <summary>Names that the bodies of a node take from the graphs around them, each once.</summary>
    public static IEnumerable<string> Captured(NodeProto node) =>
        node.Attribute.Where(a => a.G is not null).SelectMany(a => Free(a.G, 0)).Distinct();

    private static IEnumerable<string> Free(GraphProto body, int depth)
    {
        if (depth > MaxDepth)
            return [];
        var inside = body.Input.Select(i => i.Name).Concat(body.Initializer.Select(t => t.Name))
            .Concat(body.Node.SelectMany(n => n.Output)).ToHashSet();
        return body.Node
            .SelectMany(n => n.Input.Concat(n.Attribute.Where(a => a.G is not null).SelectMany(a => Free(a.G, depth + 1))))
            .Concat(body.Output.Select(o => o.Name))
            .Where(name => name.Length > 0 && !inside.Contains(name))
            .Distinct();
    }
}
