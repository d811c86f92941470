using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Graph;

/// <summary>A graph compiled to a list of steps over numbered slots.</summary>
internal sealed class GraphProgram
{
    private const int MostNamed = 20;

    private readonly Dictionary<string, int> _slots = [];
    private readonly string _modelSource;
    private readonly Step[] _steps;
    private readonly HashSet<string> _read;

    /// <param name="graph">The graph; all of it is compiled unless targets are given.</param>
    /// <param name="targets">Compile only what these tensors need. Lets a model with unsupported operators run up to them.</param>
    /// <param name="sources">Tensors that are given to every run; the nodes that make them are left out.</param>
    /// <exception cref="OnnxException">Operators that are not in the table: all of them in one message.</exception>
    public GraphProgram(
        OnnxGraph graph, string modelSource, IReadOnlyCollection<string>? targets = null, IReadOnlyCollection<string>? sources = null)
    {
        OnnxNode[] nodes = targets is null && sources is null ? [.. graph.Nodes]
            : [.. graph.NodesFor(targets ?? [.. graph.Outputs.Select(o => o.Name)], sources ?? [], node => Reads(node, graph))];
        RefuseUnsupported(nodes, modelSource);
        _modelSource = modelSource;
        string[] known = [.. graph.Inputs.Select(i => i.Name), .. graph.Initializers.Select(t => t.Name), .. nodes.SelectMany(n => n.Outputs)];
        IEnumerable<string> used = nodes.SelectMany(n => Reads(n, graph)).Concat(targets is null ? graph.Outputs.Select(o => o.Name) : []);
        _read = [.. used];
        Captured = [.. _read.Except(known).Where(name => name.Length > 0)];
        foreach (string name in known.Concat(Captured).Where(name => name.Length > 0))
            _slots.TryAdd(name, _slots.Count);
        _steps = Compile(nodes, graph);
    }

    /// <summary>What a body takes from the graphs around it; it has to be given too.</summary>
    public string[] Captured { get; }

    public IEnumerable<OnnxNode> Nodes => _steps.Select(s => s.Node);

    public bool Makes(string tensor) => _slots.ContainsKey(tensor);

    /// <summary>True when a node reads the tensor, or the graph hands it through.</summary>
    public bool Uses(string tensor) => _read.Contains(tensor);

    /// <summary>
    /// Runs the graph. Tensors that are not wanted are disposed after their last use, so memory stays as low as the graph
    /// allows; what autograd needs it keeps by itself.
    /// </summary>
    /// <param name="given">Inputs and initializers by name; they stay the caller's.</param>
    /// <param name="wanted">Names of tensors to return.</param>
    /// <param name="around">The run of the graph that this one is a body of.</param>
    /// <returns>The wanted tensors in order; the caller disposes those that it did not give.</returns>
    public Tensor[] Run(
        IEnumerable<(string Name, Tensor Value)> given, IReadOnlyList<string> wanted, bool isTraining, Execution? around = null)
    {
        var values = new Tensor?[_slots.Count];
        var kept = new bool[_slots.Count];
        foreach ((string name, Tensor value) in given)
        {
            int slot = _slots[name];
            (values[slot], kept[slot]) = (value, true);
        }

        int[] wantedSlots = [.. wanted.Select(name => _slots[name])];
        foreach (int slot in wantedSlots)
            kept[slot] = true;

        Device device = around?.Device ?? values.FirstOrDefault(value => value is not null)?.device ?? CPU;
        var execution = new Execution(values, isTraining, device, around);
        foreach (Step step in _steps)
        {
            Execute(step, execution);
            foreach (int slot in step.Free)
            {
                if (kept[slot])
                    continue;
                values[slot]?.Dispose();
                values[slot] = null;
            }
        }

        return [.. wantedSlots.Select((slot, i) => values[slot]
            ?? throw new OnnxException(_modelSource, $"nothing makes tensor '{wanted[i]}': its node has fewer results here"))];
    }

    private static void Execute(Step step, Execution execution)
    {
        var operands = new Tensor?[step.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = step.Inputs[i] < 0 ? null : execution.Values[step.Inputs[i]];
        Tensor[] results;
        try
        {
            // What a kernel makes on its way is gone when it returns; autograd keeps what it needs.
            using DisposeScope scope = NewDisposeScope();
            results = step.Kernel(new Operands(step, operands, execution));
            scope.MoveToOuter(results);
        }
        catch (Exception fault) when (fault is not OnnxException and not OperationCanceledException and not OutOfMemoryException)
        {
            string shapes = string.Join(", ", operands.Select(o => o is null ? "-" : $"{o.dtype}{new TensorShape(o.shape)}"));
            throw step.Node.Error($"cannot run on {shapes}: {FirstLine(fault.Message)}", fault);
        }

        for (int i = 0; i < step.Outputs.Length && i < results.Length; i++)
        {
            if (step.Outputs[i] < 0)
                results[i].Dispose();
            else
                execution.Values[step.Outputs[i]] = results[i];
        }
    }

    private Step[] Compile(OnnxNode[] nodes, OnnxGraph graph)
    {
        var lastUse = new Dictionary<int, int>();
        for (int i = 0; i < nodes.Length; i++)
            foreach (int slot in Slots(nodes[i].Outputs).Concat(Slots(Reads(nodes[i], graph))).Where(s => s >= 0))
                lastUse[slot] = i;
        ILookup<int, int> freeAfter = lastUse.ToLookup(use => use.Value, use => use.Key);
        return [.. nodes.Select((node, i) => new Step(node, OperatorTable.Find(node)!.Prepare(node), Slots(Reads(node, graph)), Slots(node.Outputs))
        {
            Free = [.. freeAfter[i]],
            Initializers = [.. node.Inputs.Select(graph.Initializer.ContainsKey)],
        })];
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
