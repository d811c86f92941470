using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Elementwise mathematics, with broadcasting where there are two operands.</summary>
internal static class ArithmeticOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Add", 1, node => Broadcasting.Binary(node, add)),
        new("Sub", 1, node => Broadcasting.Binary(node, sub)),
        new("Mul", 1, node => Broadcasting.Binary(node, mul)),
        new("Div", 1, node => Broadcasting.Binary(node, Division.Divide(node))),
        new("Mod", 10, Mod),
        new("Pow", 1, Pow),
        new("Sum", 1, node => Variadic(node, add)),
        new("Mean", 1, Mean),
        new("Min", 1, node => Variadic(node, minimum)),
        new("Max", 1, node => Variadic(node, maximum)),
        new("Neg", 1, node => Unary(neg)),
        new("Abs", 1, node => Unary(abs)),
        new("Sign", 9, node => Unary(sign)),
        new("Reciprocal", 1, node => Unary(reciprocal)),
        new("Sqrt", 1, node => Unary(sqrt)),
        new("Exp", 1, node => Unary(exp)),
        new("Log", 1, node => Unary(log)),
        new("Floor", 1, node => Unary(floor)),
        new("Ceil", 1, node => Unary(ceil)),
        // torch rounds halves to even, as ONNX asks.
        new("Round", 11, node => Unary(x => x.round())),
        new("Sin", 7, node => Unary(sin)),
        new("Cos", 7, node => Unary(cos)),
        new("Tan", 7, node => Unary(tan)),
        new("Asin", 7, node => Unary(asin)),
        new("Acos", 7, node => Unary(acos)),
        new("Atan", 7, node => Unary(atan)),
        new("Sinh", 9, node => Unary(sinh)),
        new("Cosh", 9, node => Unary(cosh)),
        new("Asinh", 9, node => Unary(asinh)),
        new("Acosh", 9, node => Unary(acosh)),
        new("Atanh", 9, node => Unary(atanh)),
    ];

    private static OperatorFunction Unary(Func<Tensor, Tensor> function) => operands => [function(operands[0])];

    private static OperatorFunction Mod(OnnxNode node) =>
        Broadcasting.Binary(node, node.Flag("fmod", false) ? Division.RemainderOfDividend(node) : Division.RemainderOfDivisor(node));

    // The result has the base's type; the exponent may have another one.
    private static OperatorFunction Pow(OnnxNode node)
    {
        Func<Tensor, Tensor, Tensor> align = Broadcasting.AlignBefore7(node);
        return operands =>
        {
            Tensor basis = operands[0], exponent = align(basis, operands[1]);
            Broadcasting.Require(node, basis, exponent);
            if (basis.dtype == exponent.dtype)
                return [basis.pow(exponent)];
            Tensor wide = basis.is_floating_point() ? basis : basis.to(ScalarType.Float64);
            return [wide.pow(exponent).to(basis.dtype)];
        };
    }

    private static OperatorFunction Variadic(OnnxNode node, Func<Tensor, Tensor, Tensor> function) =>
        operands => [Fold(node, operands, function)];

    private static OperatorFunction Mean(OnnxNode node) => operands => [Fold(node, operands, add) / operands.Count];

    private static Tensor Fold(OnnxNode node, Operands operands, Func<Tensor, Tensor, Tensor> function)
    {
        if (operands.Count == 1)
            return operands[0].alias();
        Tensor result = operands[0];
        for (int i = 1; i < operands.Count; i++)
        {
            operands.RequireSameType(0, i);
            Broadcasting.Require(node, result, operands[i]);
            result = function(result, operands[i]);
        }

        return result;
    }
}
