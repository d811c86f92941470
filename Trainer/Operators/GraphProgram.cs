using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>A graph compiled to a list of steps over numbered slots.</summary>
internal sealed class GraphProgram
{
    private const int MostNamed = 20;

    private readonly Dictionary<string, int> _slots = [];
    private readonly Step[] _steps;

    /// <param name="graph">The graph; all of it is compiled unless targets are given.</param>
    /// <param name="targets">Compile only what these tensors need. Lets a model with unsupported operators run up to them.</param>
    /// <exception cref="OnnxException">Operators that are not in the table: all of them in one message.</exception>
    public GraphProgram(OnnxGraph graph, string modelSource, IReadOnlyCollection<string>? targets = null)
    {
        OnnxNode[] nodes = targets is null ? [.. graph.Nodes] : Needed(graph, targets);
        RefuseUnsupported(nodes, modelSource);
        foreach (string name in graph.Inputs.Select(i => i.Name).Concat(graph.Initializers.Select(t => t.Name)))
            _slots.TryAdd(name, _slots.Count);
        foreach (string name in nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0))
            _slots.TryAdd(name, _slots.Count);
        _steps = Compile(nodes);
    }

    public IEnumerable<OnnxNode> Nodes => _steps.Select(s => s.Node);

    public bool Makes(string tensor) => _slots.ContainsKey(tensor);

    /// <summary>
    /// Runs the graph. Tensors that are not wanted are disposed after their last use, so memory stays as low as the graph
    /// allows; what autograd needs it keeps by itself.
    /// </summary>
    /// <param name="given">Inputs and initializers by name; they stay the caller's.</param>
    /// <param name="wanted">Names of tensors to return.</param>
    /// <returns>The wanted tensors in order; the caller disposes those that it did not give.</returns>
    public Tensor[] Run(IEnumerable<(string Name, Tensor Value)> given, IReadOnlyList<string> wanted, bool isTraining)
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

        var execution = new Execution(values, isTraining);
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

        return [.. wantedSlots.Select(slot => values[slot]!)];
    }

    private static void Execute(Step step, Execution execution)
    {
        var operands = new Tensor?[step.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = step.Inputs[i] < 0 ? null : execution.Values[step.Inputs[i]];
        Tensor[] results;
        try
        {
            results = step.Kernel(new Operands(step.Node, operands, execution));
        }
        catch (Exception fault) when (fault is not OnnxException and not OperationCanceledException and not OutOfMemoryException)
        {
            string shapes = string.Join(", ", operands.Select(o => o is null ? "-" : $"{o.dtype}[{string.Join(", ", o.shape)}]"));
            throw new OnnxException(step.Node, $"cannot run on {shapes}: {FirstLine(fault.Message)}", fault);
        }

        for (int i = 0; i < step.Outputs.Length && i < results.Length; i++)
        {
            if (step.Outputs[i] < 0)
                results[i].Dispose();
            else
                execution.Values[step.Outputs[i]] = results[i];
        }
    }

    private Step[] Compile(OnnxNode[] nodes)
    {
        var lastUse = new Dictionary<int, int>();
        for (int i = 0; i < nodes.Length; i++)
            foreach (int slot in Slots(nodes[i].Outputs).Concat(Slots(nodes[i].Inputs)).Where(s => s >= 0))
                lastUse[slot] = i;
        ILookup<int, int> freeAfter = lastUse.ToLookup(use => use.Value, use => use.Key);
        return [.. nodes.Select((node, i) => new Step(node, OperatorTable.Find(node)!.Prepare(node), Slots(node.Inputs), Slots(node.Outputs))
        {
            Free = [.. freeAfter[i]],
        })];
    }

    private int[] Slots(IEnumerable<string> names) => [.. names.Select(name => name.Length == 0 ? -1 : _slots[name])];

    private static OnnxNode[] Needed(OnnxGraph graph, IReadOnlyCollection<string> targets)
    {
        var wanted = targets.ToHashSet();
        var needed = new List<OnnxNode>();
        foreach (OnnxNode node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(wanted.Contains))
                continue;
            needed.Add(node);
            wanted.UnionWith(node.Inputs);
        }

        needed.Reverse();
        return [.. needed];
    }

    private static void RefuseUnsupported(OnnxNode[] nodes, string modelSource)
    {
        OnnxNode[] unsupported = [.. nodes.Where(n => OperatorTable.Find(n) is null)];
        if (unsupported.Length == 0)
            return;
        string more = unsupported.Length > MostNamed ? $" and {unsupported.Length - MostNamed} more" : "";
        throw new OnnxException(modelSource,
            $"{unsupported.Length} nodes use operators that are not supported: {string.Join("; ", unsupported.Take(MostNamed))}{more}");
    }

    // libtorch appends its own stack trace to the message.
    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}
