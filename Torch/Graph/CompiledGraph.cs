using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Graph;

/// <summary>A graph compiled to a list of nodes over numbered slots.</summary>
internal sealed class CompiledGraph
{
    private const int MostNamed = 20;

    private readonly Dictionary<string, int> _slots = [];
    private readonly string _modelSource;
    private readonly CompiledNode[] _nodes;
    private readonly HashSet<string> _read, _computed;

    /// <param name="graph">The graph; all of it is compiled unless targets are given.</param>
    /// <param name="targets">Compile only what these tensors need. Lets a model with unsupported operators run up to them.</param>
    /// <param name="sources">Tensors that are given to every run; the nodes that make them are left out.</param>
    /// <exception cref="OnnxException">Operators that are not in the table: all of them in one message.</exception>
    public CompiledGraph(
        OnnxGraph graph, string modelSource, IReadOnlyCollection<string>? targets = null, IReadOnlyCollection<string>? sources = null)
    {
        OnnxNode[] nodes = targets is null && sources is null ? [.. graph.Nodes]
            : [.. graph.NodesFor(targets ?? [.. graph.Outputs.Select(o => o.Name)], sources ?? [], node => Reads(node, graph))];
        RefuseUnsupported(nodes, modelSource);
        _modelSource = modelSource;
        string[] known = [.. graph.Inputs.Select(i => i.Name), .. graph.Initializers.Select(t => t.Name),
            .. nodes.SelectMany(n => n.Outputs)];
        IEnumerable<string> used = nodes.SelectMany(n => Reads(n, graph)).Concat(targets is null ? graph.Outputs.Select(o => o.Name) : []);
        _read = [.. used];
        Captured = [.. _read.Except(known).Where(name => name.Length > 0)];
        foreach (string name in known.Concat(Captured).Concat(sources ?? []).Where(name => name.Length > 0))
            _slots.TryAdd(name, _slots.Count);
        _computed = [.. nodes.SelectMany(n => n.Outputs)];
        _nodes = Compile(nodes, graph);
    }

    /// <summary>Names of tensors that a body takes from the graphs around it; they have to be given too.</summary>
    public string[] Captured { get; }

    public IEnumerable<OnnxNode> Nodes => _nodes.Select(n => n.Node);

    public bool Makes(string tensor) => _slots.ContainsKey(tensor);

    /// <summary>True when one of its nodes makes the tensor.</summary>
    public bool Computes(string tensor) => _computed.Contains(tensor);

    /// <summary>True when a node reads the tensor, or the graph hands it through.</summary>
    public bool Uses(string tensor) => _read.Contains(tensor);

    /// <summary>
    /// Runs the graph. Tensors that are not wanted are disposed after their last use, so memory stays as low as the graph
    /// allows; what autograd needs it keeps by itself.
    /// </summary>
    /// <param name="given">Inputs and initializers by name; they stay the caller's.</param>
    /// <param name="wanted">Names of tensors to return.</param>
    /// <param name="mode">Training or not, overrides, and tensors to differentiate by.</param>
    /// <param name="around">The run of the graph that this one is a body of.</param>
    /// <returns>The wanted tensors in order; the caller disposes those that it did not give.</returns>
    public Tensor[] Run(
        IEnumerable<(string Name, Tensor Value)> given, IReadOnlyList<string> wanted, RunMode mode, RunState? around = null)
    {
        var values = new Tensor?[_slots.Count];
        var kept = new bool[_slots.Count];
        foreach ((string name, Tensor value) in given)
        {
            if (!_slots.TryGetValue(name, out int slot))
                throw new OnnxException(_modelSource, $"has no tensor '{name}' that could be given");
            (values[slot], kept[slot]) = (value, true);
        }

        int[] wantedSlots = [.. wanted.Select(name => _slots[name])];
        foreach (int slot in wantedSlots)
            kept[slot] = true;

        Device device = around?.Device ?? values.FirstOrDefault(value => value is not null)?.device ?? CPU;
        var state = new RunState(values, mode, device, around);
        foreach (CompiledNode node in _nodes)
        {
            Execute(node, state);
            foreach (int slot in node.Free)
            {
                if (kept[slot])
                    continue;
                values[slot]?.Dispose();
                values[slot] = null;
            }
        }

        return [.. wantedSlots.Select((slot, i) => values[slot]
            ?? throw NotMade(wanted[i]))];
    }

    private OnnxException NotMade(string tensor) => Nodes.FirstOrDefault(node => node.Outputs.Contains(tensor)) is { } maker
        ? maker.Error($"does not make its output '{tensor}' here; expected one result for each output")
        : new OnnxException(_modelSource, $"nothing makes tensor '{tensor}'");

    private static void Execute(CompiledNode node, RunState state)
    {
        var operands = new Tensor?[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = node.Inputs[i] < 0 ? null : state.Values[node.Inputs[i]];
        Tensor[] results;
        try
        {
            // What an operator makes on its way is gone when it returns; autograd keeps what it needs.
            using DisposeScope scope = NewDisposeScope();
            var arguments = new Operands(node, operands, state);
            results = state.Mode.Overrides.IsEmpty || state.Mode.Overrides.Find(node.Node) is not { } rule
                ? node.Function(arguments)
                : Checked(rule(new OverriddenNode(arguments, node.Function)), operands, node.Node);
            scope.MoveToOuter(results);
        }
        catch (Exception fault) when (fault is not OnnxException and not OperationCanceledException and not OutOfMemoryException)
        {
            string shapes = string.Join(", ", operands.Select(o => o is null ? "-" : $"{o.dtype}{new TensorShape(o.shape)}"));
            throw node.Node.Error($"cannot run on {shapes}: {FirstLine(fault.Message)}", fault);
        }

        if (state.Mode.Trace is { } trace)
            Prepare(node.Node, operands, results, state.Mode.Variables, trace);
        for (int i = 0; i < node.Outputs.Length && i < results.Length; i++)
        {
            if (node.Outputs[i] < 0)
                results[i].Dispose();
            else
                state.Values[node.Outputs[i]] = results[i];
        }
    }

    // An operand under its own handle would be disposed twice, and is what everybody tries who wants a node to do nothing.
    private static Tensor[] Checked(Tensor[]? results, Tensor?[] operands, OnnxNode node)
    {
        int expected = node.Outputs.Length;
        int made = results?.Count(r => r is { IsInvalid: false }) ?? 0;
        if (results is null || made < Math.Min(expected, 1) || made < results.Length)
            throw node.Error($"has a rule that made {made} tensors, expected {expected}");
        return [.. results.Select(r => operands.Contains(r) ? r.Again() : r)];
    }

    /// <summary>Makes results differentiable that are asked for, and takes down who lost a gradient.</summary>
    private static void Prepare(OnnxNode node, Tensor?[] operands, Tensor[] results, IReadOnlySet<string> variables, GradientTrace trace)
    {
        if (results.All(r => !r.requires_grad) && operands.Any(o => o is { requires_grad: true }))
            trace.Stops.Add(node);
        for (int i = 0; i < node.Outputs.Length && i < results.Length; i++)
            if (variables.Contains(node.Outputs[i]) && !results[i].requires_grad && results[i].is_floating_point())
                results[i].requires_grad_();
    }

    private CompiledNode[] Compile(OnnxNode[] nodes, OnnxGraph graph)
    {
        var lastUse = new Dictionary<int, int>();
        for (int i = 0; i < nodes.Length; i++)
            foreach (int slot in Slots(nodes[i].Outputs).Concat(Slots(Reads(nodes[i], graph))).Where(s => s >= 0))
                lastUse[slot] = i;
        ILookup<int, int> freeAfter = lastUse.ToLookup(use => use.Value, use => use.Key);
        return [.. nodes.Select((node, i) =>
        {
            var bodies = node.Subgraphs().ToDictionary(body => body.Attribute, body => CompileBody(node, body.Graph));
            return new CompiledNode(node, OperatorTable.Find(node)!.Prepare(node), Slots(Reads(node, graph)), Slots(node.Outputs))
            {
                Free = [.. freeAfter[i]],
                Initializers = [.. node.Inputs.Select(graph.Initializer.ContainsKey)],
                Bodies = bodies,
            };
        })];
    }

    private static BodyFunction CompileBody(OnnxNode node, OnnxGraph graph)
    {
        var body = new CompiledGraph(graph, node.ModelSource);
        string[] inputs = [.. graph.Inputs.Select(i => i.Name)], outputs = [.. graph.Outputs.Select(o => o.Name)];
        (string Name, int Index)[] around = [.. node.Captured.Select((name, i) => (name, i)).Where(a => body.Captured.Contains(a.name))];
        return (operands, arguments) =>
        {
            using DisposeScope scope = NewDisposeScope();
            var given = new List<(string, Tensor)>();
            for (int i = 0; i < inputs.Length; i++)
                given.Add((inputs[i], arguments[i]));
            foreach (OnnxTensor initializer in graph.Initializers)
                given.Add((initializer.Name, TorchTensors.From(initializer, operands.State.Device)));
            foreach ((string name, int index) in around)
                given.Add((name, operands.Also(index)!));

            // Names inside are names of their own. An output may be an input, or another output, under a second name: each
            // gets a handle of its own.
            RunMode mode = operands.State.Mode;
            RunMode inside = mode.Variables.Count == 0 ? mode : mode with { Variables = new HashSet<string>() };
            Tensor[] results = [.. body.Run(given, outputs, inside, operands.State).Select(t => t.Again())];
            scope.MoveToOuter(results);
            return results;
        };
    }

    private int[] Slots(IEnumerable<string> names) => [.. names.Select(name => name.Length == 0 ? -1 : _slots[name])];

    /// <summary>The names that a node reads: its inputs, and what its operator reads besides.</summary>
    public static IEnumerable<string> Reads(OnnxNode node, OnnxGraph graph) =>
        node.Inputs.Concat(OperatorTable.Find(node)?.AlsoReads(node, graph) ?? []);

    private static void RefuseUnsupported(OnnxNode[] nodes, string modelSource)
    {
        OnnxNode[] unsupported = [.. nodes.SelectMany(n => n.WithBodies()).Where(n => OperatorTable.Find(n) is null)];
        if (unsupported.Length == 0)
            return;
        string more = unsupported.Length > MostNamed ? $" and {unsupported.Length - MostNamed} more" : "";
        throw new OnnxException(modelSource,
            $"{unsupported.Length} nodes use operators that are not supported: {string.Join("; ", unsupported.Take(MostNamed))}{more}");
    }

    // libtorch appends its own stack trace to the message.
    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}
