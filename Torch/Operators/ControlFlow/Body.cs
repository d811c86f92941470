using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>A graph inside a node: a branch of If, the body of Loop and Scan.</summary>
internal sealed class Body
{
    private readonly OnnxGraph _graph;
    private readonly GraphProgram _program;
    private readonly string[] _inputs, _outputs;
    private readonly (string Name, int Index)[] _around;

    private Body(OnnxNode node, OnnxGraph graph)
    {
        _graph = graph;
        _program = new GraphProgram(graph, node.ModelSource);
        _inputs = [.. graph.Inputs.Select(i => i.Name)];
        _outputs = [.. graph.Outputs.Select(o => o.Name)];
        _around = [.. node.Captured.Select((name, i) => (name, i)).Where(a => _program.Captured.Contains(a.name))];
    }

    public OnnxValue[] Inputs => [.. _graph.Inputs];

    public OnnxValue[] Outputs => [.. _graph.Outputs];

    /// <exception cref="OnnxException">The node has no such attribute.</exception>
    public static Body Of(OnnxNode node, string attribute) =>
        new(node, node.Subgraph(attribute) ?? throw node.Error($"has no attribute '{attribute}'"));

    /// <summary>One number in the shape of an input: a scalar, or a vector of one where the body declares it so.</summary>
    public Tensor AsDeclared(int input, Tensor number) => _graph.Inputs[input].Shape is { Length: 1 } ? number.reshape(1) : number;

    /// <summary>Runs the graph once.</summary>
    /// <param name="operands">Of the node: behind its inputs stand the tensors that its bodies take from around them.</param>
    /// <param name="arguments">For the graph's inputs, in order; they stay the caller's.</param>
    /// <returns>Fresh tensors for its outputs.</returns>
    public Tensor[] Run(Operands operands, IReadOnlyList<Tensor> arguments)
    {
        using DisposeScope scope = NewDisposeScope();
        var given = new List<(string, Tensor)>();
        for (int i = 0; i < _inputs.Length; i++)
            given.Add((_inputs[i], arguments[i]));
        foreach (OnnxTensor initializer in _graph.Initializers)
            given.Add((initializer.Name, TorchTensors.From(initializer, operands.Execution.Device)));
        foreach ((string name, int index) in _around)
            given.Add((name, operands.Also(index)!));

        // An output may be an input, or another output, under a second name: each gets a handle of its own.
        Tensor[] results = [.. _program.Run(given, _outputs, operands.Execution.IsTraining, operands.Execution).Select(t => t.Again())];
        scope.MoveToOuter(results);
        return results;
    }
}
