using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Products of matrices.</summary>
internal static class MatrixOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Gemm", 1, Gemm),
        new("MatMul", 1, MatMul),
        new("Einsum", 12, Einsum.Prepare),
        new("Det", 11, Det),
    ];

    // alpha · A·B + beta · C. https://onnx.ai/onnx/operators/onnx__Gemm.html
    private static OperatorFunction Gemm(OnnxNode node)
    {
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        bool transA = node.Flag("transA", false), transB = node.Flag("transB", false);
        bool isLinear = alpha == 1 && beta == 1 && !transA;
        return operands =>
        {
            operands.RequireRank(0, 2, 2);
            operands.RequireRank(1, 2, 2);
            Tensor a = operands[0], b = operands[1];
            Tensor? c = operands.Optional(2);
            long rows = a.size(transA ? 1 : 0), columns = b.size(transB ? 0 : 1);
            Budget.Require(node, a.dtype, rows, columns);
            if (c is not null && (c.dim() > 2 || !Reaches(c, 1, columns) || !Reaches(c, 2, rows)))
                throw operands.Fault($"C of {new TensorShape(c.shape)} does not broadcast to [{rows}, {columns}]");
            if (isLinear && (c is null || c.dim() == 1))
                return [nn.functional.linear(a, transB ? b : b.t(), c)];

            a = transA ? a.t() : a;
            b = transB ? b.t() : b;
            if (c is not null && a.is_floating_point())
                return [addmm(c, a, b, beta, alpha)];
            Tensor product = Scale(a.mm(b), alpha);
            return [c is null ? product : product + Scale(c, beta)];
        };
    }

    /// <summary>True where C has no such axis from the end, or one that is 1 or as long as the product's.</summary>
    private static bool Reaches(Tensor c, int fromEnd, long size) =>
        c.dim() < fromEnd || c.size((int)c.dim() - fromEnd) is var found && (found == 1 || found == size);

    // Integers stay integers: a factor that is not one of them cuts the product.
    private static Tensor Scale(Tensor tensor, float factor) => factor == 1 ? tensor : (tensor * factor).to(tensor.dtype);

    // Like numpy.matmul: vectors are a row or a column, further axes in front broadcast.
    public static OperatorFunction MatMul(OnnxNode node) => operands =>
    {
        operands.RequireRank(0, 1);
        operands.RequireRank(1, 1);
        operands.RequireSameType(0, 1);
        Tensor a = operands[0].dim() > 1 ? operands[0] : operands[0].unsqueeze(0);
        Tensor b = operands[1].dim() > 1 ? operands[1] : operands[1].unsqueeze(1);
        long rows = a.size((int)a.dim() - 2), columns = b.size((int)b.dim() - 1);
        Tensor product;
        if (a.dim() == 2 && b.dim() == 2)
        {
            Budget.Require(node, a.dtype, rows, columns);
            product = a.mm(b);
        }
        else
        {
            product = Batched(node, a, b);
        }

        if (operands[0].dim() == 1)
            product = product.squeeze(-2);
        return [operands[1].dim() == 1 ? product.squeeze(-1) : product];
    };

    // torch has matmul for this; TorchSharp's call of it ends the process where torch refuses the operands.
    private static Tensor Batched(OnnxNode node, Tensor a, Tensor b)
    {
        long[] left = a.shape, right = b.shape;
        long[] batch = Broadcasting.Shape(node, left.AsSpan()[..^2], right.AsSpan()[..^2]), shape = [.. batch, left[^2], right[^1]];
        Budget.Require(node, a.dtype, shape);
        long count = new TensorShape(batch).Count;
        // One matrix for all: its partners become one tall matrix.
        if (right.Length == 2)
            return a.reshape(count * left[^2], left[^1]).mm(b).reshape(shape);
        Tensor many = a.expand([.. batch, left[^2], left[^1]]).reshape(count, left[^2], left[^1]);
        return many.bmm(b.expand([.. batch, right[^2], right[^1]]).reshape(count, right[^2], right[^1])).reshape(shape);
    }

    private static OperatorFunction Det(OnnxNode node) => operands =>
    {
        operands.RequireRank(0, 2);
        return [linalg.det(operands[0])];
    };
}
