using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// Replaces the calls of a model's own functions by what the functions consist of, so that every node is an operator and
/// every tensor has a name of its own. Names inside a call get a prefix, as ONNX Runtime gives it: _inlfunc_Function_name.
/// </summary>
internal sealed class FunctionInliner
{
    // A function that calls another one ten times, which calls another one ten times … grows beyond any memory.
    private const int MostNodes = 200_000;
    private const int MostDepth = 100;
    private const string Prefix = "_inlfunc_";

    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions;
    private readonly Dictionary<string, long> _opsets;
    private readonly Dictionary<string, int> _calls = [];
    private readonly HashSet<string> _prefixes = [];
    private readonly string[] _taken;
    private readonly string _source;
    private int _nodes;

    private FunctionInliner(ModelProto model, string source)
    {
        _source = source;
        _opsets = model.OpsetImport.GroupBy(o => Plain(o.Domain)).ToDictionary(g => g.Key, g => g.Max(o => o.Version));
        _functions = [];
        foreach (FunctionProto function in model.Functions)
            if (!_functions.TryAdd((Plain(function.Domain), function.Name, function.Overload), function))
                throw new OnnxException(source, $"defines function '{function.Domain}.{function.Name}' twice");
        // Of a model whose functions were inlined before, and that has some again.
        _taken = [.. model.Graph.Node.SelectMany(n => n.Output).Where(name =>
            name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The model without calls of its own functions; the model itself when it has no functions.</summary>
    /// <exception cref="OnnxException">Functions that call themselves, or that grow beyond what any model needs.</exception>
    public static OnnxModel Inline(OnnxModel model)
    {
        if (model.Proto.Functions.Count == 0)
            return model;
        ModelProto proto = model.Proto.Clone();
        var inliner = new FunctionInliner(proto, model.Source);
        inliner.Inline(proto.Graph, 0);
        foreach (OperatorSetIdProto import in proto.Functions.SelectMany(f => f.OpsetImport))
            if (inliner._opsets.TryAdd(Plain(import.Domain), import.Version))
                proto.OpsetImport.Add(import.Clone());
        proto.Functions.Clear();
        return new OnnxModel(proto, model.Source);
    }

    private void Inline(GraphProto graph, int depth)
    {
        NodeProto[] nodes = [.. graph.Node];
        graph.Node.Clear();
        foreach (NodeProto node in nodes)
            graph.Node.AddRange(Expand(node, depth));
    }

    private IEnumerable<NodeProto> Expand(NodeProto node, int depth)
    {
        if (++_nodes > MostNodes || depth > MostDepth)
            throw new OnnxException(_source, depth > MostDepth
                ? $"function '{node.OpType}' is called {MostDepth} calls deep; functions must not call themselves"
                : $"its functions come to more than {MostNodes} nodes");
        foreach (AttributeProto attribute in node.Attribute.Where(a => a.G is not null))
            Inline(attribute.G, depth + 1);
        return _functions.TryGetValue((Plain(node.Domain), node.OpType, node.Overload), out FunctionProto? function)
            ? [.. Call(node, function).SelectMany(inner => Expand(inner, depth + 1))]
            : [node];
    }

    /// <summary>The nodes of a function for one call: with the caller's tensors, attributes and a prefix for everything else.</summary>
    private List<NodeProto> Call(NodeProto call, FunctionProto function)
    {
        string prefix = FreePrefix(function.Name);
        var rename = new Dictionary<string, string> { [""] = "" };
        // Inputs that the caller leaves out are left out inside; outputs that it does not want get a name of their own.
        for (int i = 0; i < function.Input.Count; i++)
            rename[function.Input[i]] = i < call.Input.Count ? call.Input[i] : "";
        var handedThrough = new List<NodeProto>();
        for (int i = 0; i < function.Output.Count && i < call.Output.Count; i++)
        {
            if (call.Output[i].Length == 0)
                continue;
            if (rename.TryGetValue(function.Output[i], out string? same))
                handedThrough.Add(new NodeProto { OpType = "Identity", Input = { same }, Output = { call.Output[i] } });
            else
                rename[function.Output[i]] = call.Output[i];
        }

        var attributes = function.AttributeProto.Concat(call.Attribute).GroupBy(a => a.Name).ToDictionary(g => g.Key, g => g.Last());
        var opsets = function.OpsetImport.GroupBy(o => Plain(o.Domain)).ToDictionary(g => g.Key, g => g.Max(o => o.Version));
        return [.. function.Node.Select(node => Renamed(node, rename, prefix, attributes, opsets)), .. handedThrough];
    }

    private string FreePrefix(string function)
    {
        while (true)
        {
            int call = _calls[function] = _calls.GetValueOrDefault(function) + 1;
            string prefix = call == 1 ? $"{Prefix}{function}_" : $"{Prefix}{function}_{call}_";
            if (_prefixes.Add(prefix) && !IsTaken(prefix))
                return prefix;
        }
    }

    // Names that begin with it stand right behind it.
    private bool IsTaken(string prefix)
    {
        int place = Array.BinarySearch(_taken, prefix, StringComparer.Ordinal);
        return place >= 0 || (~place < _taken.Length && _taken[~place].StartsWith(prefix, StringComparison.Ordinal));
    }

    private NodeProto Renamed(NodeProto node, Dictionary<string, string> rename, string prefix,
        Dictionary<string, AttributeProto> attributes, Dictionary<string, long> opsets)
    {
        NodeProto copy = node.Clone();
        if (copy.Name.Length > 0)
            copy.Name = prefix + copy.Name;
        for (int i = 0; i < copy.Input.Count; i++)
            copy.Input[i] = Name(copy.Input[i]);
        for (int i = 0; i < copy.Output.Count; i++)
            copy.Output[i] = Name(copy.Output[i]);
        if (opsets.TryGetValue(Plain(copy.Domain), out long version) && _opsets.GetValueOrDefault(Plain(copy.Domain), version) != version)
            OnnxNode.KeepOpset(copy, version);

        AttributeProto[] own = [.. copy.Attribute];
        copy.Attribute.Clear();
        foreach (AttributeProto attribute in own)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                if (attribute.G is not null)
                    RenameGraph(attribute.G);
                copy.Attribute.Add(attribute);
            }
            else if (attributes.TryGetValue(attribute.RefAttrName, out AttributeProto? given))
            {
                AttributeProto passed = given.Clone();
                passed.Name = attribute.Name;
                copy.Attribute.Add(passed);
            }
        }

        return copy;

        string Name(string inside)
        {
            if (!rename.TryGetValue(inside, out string? outside))
                rename[inside] = outside = prefix + inside;
            return outside;
        }

        void RenameGraph(GraphProto graph)
        {
            foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
                value.Name = Name(value.Name);
            foreach (TensorProto initializer in graph.Initializer)
                initializer.Name = Name(initializer.Name);
            NodeProto[] nodes = [.. graph.Node];
            graph.Node.Clear();
            graph.Node.AddRange(nodes.Select(inner => Renamed(inner, rename, prefix, attributes, opsets)));
        }
    }

    private static string Plain(string domain) => domain == "ai.onnx" ? "" : domain;
}
