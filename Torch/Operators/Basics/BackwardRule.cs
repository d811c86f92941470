using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// The gradient that a node hands back to its first operand: from the operand, the node's result and the gradient by the result, all
/// without history, to a gradient of the operand's shape and type. Only the returned tensor is kept.
/// </summary>
public delegate Tensor BackwardFunction(Tensor operand, Tensor result, Tensor gradient);

/// <summary>Operator rules that leave the forward pass as it is and replace the backward pass.</summary>
public static class BackwardRule
{
    /// <summary>
    /// A rule for nodes of one result, such as activations: forward as the operator does, backward by a function. Further
    /// operands get no gradient.
    /// </summary>
    /// <remarks>
    /// An exception inside a backward pass would end the process. What the function throws, or makes in a wrong shape, is
    /// therefore taken down, the gradient becomes NaN, and <see cref="Graph.GradientRun.Gradients"/> throws it as one line.
    /// </remarks>
    /// <param name="backward">The backward pass; called on the thread that runs it.</param>
    public static OperatorRule Of(BackwardFunction backward) => Of(backward, 0);

    /// <param name="backward">The backward pass; called on the thread that runs it.</param>
    /// <param name="input">Place of the input that gets the gradient; all others get none.</param>
    internal static OperatorRule Of(BackwardFunction backward, int input) => node =>
    {
        Tensor operand = node[input];
        if (!operand.is_floating_point())
            throw node.Fault($"has a backward rule and input {input} is {operand.dtype}, expected a floating point type");
        if (node.Node.Outputs.Count(name => name.Length > 0) != 1)
            throw node.Fault($"has a backward rule and {node.Node.Outputs.Length} outputs, expected 1");
        return [CustomBackward.apply(operand, new Call(node, backward))];
    };

    /// <summary>An execution of a node with a rule, kept for its backward pass.</summary>
    private sealed record Call(OverriddenNode Node, BackwardFunction Backward)
    {
        /// <summary>The gradient by the operand; never throws.</summary>
        public Tensor Gradient(IReadOnlyList<Tensor> saved, Tensor gradient)
        {
            try
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor result = Backward(saved[0], saved[1], gradient);
                if (result is null || !result.shape.AsSpan().SequenceEqual(saved[0].shape) || result.dtype != saved[0].dtype)
                    throw Node.Fault($"has a backward rule that made {Describe(result)}, expected {Describe(saved[0])}");
                return (result.requires_grad ? result.detach() : result).MoveToOuterDisposeScope();
            }
            catch (Exception fault)
            {
                if (Node.Trace is { Fault: null } trace)
                    trace.Fault = fault as OnnxException ?? Node.Fault($"has a backward rule that failed: {FirstLine(fault.Message)}");
                return full_like(saved[0], float.NaN);
            }
        }

        private static string Describe(Tensor? tensor) => tensor is null ? "nothing" : $"{tensor.dtype}{new TensorShape(tensor.shape)}";

        // libtorch appends its own stack trace to the message.
        private static string FirstLine(string message) => message.Split('\n')[0].Trim();
    }

    private sealed class CustomBackward : autograd.SingleTensorFunction<CustomBackward>
    {
        private const string Key = "call";

        public override string Name => nameof(CustomBackward);

        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            var (operand, call) = ((Tensor)arguments[0], (Call)arguments[1]);
            Tensor result = call.Node.Run()[0];
            // Without history: the result would hold itself. Undefined gradients stay undefined, since the zeros that
            // TorchSharp would make are measured on a tensor that is gone by then.
            context.set_materialize_grads(false);
            context.save_for_backward([operand.detach(), result.detach()]);
            context.save_data(Key, call);
            return result;
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            List<Tensor> saved = context.get_saved_variables();
            Tensor result = gradient.IsInvalid ? zeros_like(saved[0]) : ((Call)context.get_data(Key)).Gradient(saved, gradient);
            foreach (Tensor tensor in saved)
                tensor.Dispose();
            return [result, null!];
        }
    }
}
