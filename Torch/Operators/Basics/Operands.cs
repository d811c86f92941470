using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>The tensors that one execution of a node gets.</summary>
internal readonly struct Operands(CompiledNode node, Tensor?[] tensors, RunState state)
{
    public OnnxNode Node => node.Node;

    /// <summary>An input that the operator cannot do without.</summary>
    public Tensor this[int index] => Optional(index) ?? throw Fault($"input {index} is left out, but the operator needs it");

    public int Count => Math.Min(tensors.Length, node.Node.Inputs.Length);

    /// <summary>The run that the node is executed in.</summary>
    public RunState State => state;

    /// <summary>An input, or null where the node leaves it out.</summary>
    public Tensor? Optional(int index) => index < Count ? tensors[index] : null;

    /// <summary>A tensor among those that <see cref="Operator.AlsoReads"/> names, or null when there are fewer.</summary>
    public Tensor? Also(int index) => node.Node.Inputs.Length + index < tensors.Length ? tensors[node.Node.Inputs.Length + index] : null;

    /// <summary>True where an input is an initializer of the model: kept between runs, and a running statistic may be updated.</summary>
    public bool IsInitializer(int index) => node.Initializers[index];

    /// <summary>The elements of an integer input, such as a shape or a list of axes.</summary>
    public long[] Longs(int index)
    {
        Tensor operand = this[index];
        if (!operand.is_integral() || operand.dim() > 1)
            throw Fault($"input {index} is {operand.dtype} of rank {operand.dim()}, expected a list of integers");
        using Tensor plain = operand.to(ScalarType.Int64, CPU);
        using Tensor dense = plain.contiguous();
        return dense.data<long>().ToArray();
    }

    /// <summary>The one element of an input, as a double.</summary>
    public double Number(int index)
    {
        Tensor operand = this[index];
        return operand.numel() == 1 ? operand.ToScalar().ToDouble()
            : throw Fault($"input {index} has {operand.numel()} elements, expected 1");
    }

    public void RequireRank(int index, int least, int most = int.MaxValue)
    {
        long rank = this[index].dim();
        if (rank >= least && rank <= most)
            return;
        string expected = least == most ? $"{least}" : most == int.MaxValue ? $"at least {least}" : $"{least} to {most}";
        throw Fault($"input {index} has {rank} axes, expected {expected}");
    }

    /// <summary>An input that may be left out, and else has this shape and the type of the first.</summary>
    public void RequireShape(int index, params ReadOnlySpan<long> shape)
    {
        RequireSameType(0, index);
        if (Optional(index) is { } operand && !operand.shape.AsSpan().SequenceEqual(shape))
            throw Fault($"input {index} is {new TensorShape(operand.shape)}, expected {new TensorShape(shape)}");
    }

    /// <summary>ONNX converts nothing by itself: operands of one type parameter have one type.</summary>
    public void RequireSameType(int first, int second)
    {
        if (Optional(second) is { } other && this[first].dtype != other.dtype)
            throw Fault($"inputs {first} and {second} are {this[first].dtype} and {other.dtype}, expected one type");
    }

    /// <summary>Other tensors for a function that does a part of this node's work.</summary>
    public Operands With(params Tensor?[] others) => new(node, others, state);

    /// <summary>Runs a graph inside the node once.</summary>
    /// <param name="attribute">Name of the attribute that holds it.</param>
    /// <param name="arguments">Tensors for the graph's inputs, in order; they stay the caller's.</param>
    /// <returns>Fresh tensors for its outputs.</returns>
    public Tensor[] RunBody(string attribute, IReadOnlyList<Tensor> arguments) => node.Bodies[attribute](this, arguments);

    /// <summary>An exception that names the node.</summary>
    public OnnxException Fault(string problem) => node.Node.Error(problem);
}
