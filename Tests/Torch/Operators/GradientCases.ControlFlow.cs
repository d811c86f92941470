using CnnOnnx.Tensors;
using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Gradients through bodies, and to what they take from around them.</summary>
internal static partial class GradientCases
{
    public static GradientCase[] ControlFlow =>
    [
        new("If",
            from condition in Gen.Bool
            from seed in Seeds
            select new OperatorCheck("If", 16, Converted.From(ElementType.Bool, TensorShape.Scalar, [condition]), null, Values([3], seed))
            {
                Attributes = [("then_branch", Bodies.Captured("Tanh", "i2")), ("else_branch", Bodies.Captured("Sigmoid", "i2"))],
            }),
        new("Loop",
            from trips in Gen.Long[1, 4]
            from seed in Seeds
            select new OperatorCheck("Loop", 16, Vector(trips), null, Values([3], seed))
            {
                Attributes = [("body", Bodies.Multiplying("i2"))],
                Outputs = 2,
            }),
        new("Scan",
            from seed in Seeds
            select new OperatorCheck("Scan", 16, Values([2], seed), Values([4, 2], seed + 1))
            {
                Attributes = [("body", Bodies.RunningProduct()), ("num_scan_inputs", 1)],
                Outputs = 2,
            }),
    ];
}
