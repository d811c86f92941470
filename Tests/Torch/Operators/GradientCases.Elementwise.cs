using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Activations, arithmetic and logic.</summary>
internal static partial class GradientCases
{
    public static GradientCase[] Activations =>
    [
        Unary("Relu", 14, -2, 2),
        Unary("LeakyRelu", 16, -2, 2, ("alpha", 0.3f)),
        Unary("ThresholdedRelu", 10, -2, 2, ("alpha", 0.5f)),
        Unary("Elu", 6, -2, 2, ("alpha", 0.6f)),
        Unary("Selu", 6, -2, 2),
        Unary("Selu", 6, -2, 2, ("alpha", 1.2f), ("gamma", 1.5f)),
        Unary("Celu", 12, -2, 2, ("alpha", 0.6f)),
        Unary("Sigmoid", 13, -2, 2),
        Unary("HardSigmoid", 6, -4, 4),
        Unary("HardSigmoid", 6, -4, 4, ("alpha", 1 / 6f)),
        Unary("HardSwish", 14, -4, 4),
        Unary("Tanh", 13, -2, 2),
        Unary("Softplus", 1, -5, 5),
        Unary("Softsign", 1, -2, 2),
        Unary("Gelu", 20, -2, 2),
        Unary("Gelu", 20, -2, 2, ("approximate", "tanh")),
        Unary("Mish", 18, -2, 2),
        Unary("Swish", 24, -2, 2),
        Unary("Swish", 24, -2, 2, ("alpha", 1.5f)),
        Unary("Shrink", 9, -2, 2, ("bias", 0.2f)),
        Unary("Erf", 13, -2, 2),
        Unary("Clip", 6, -2, 2, ("min", -1f), ("max", 0.5f)),
        Unary("Clip", 6, -9, 9, ("min", 0f), ("max", 6f)),
        new("Clip", Seeds.Select(seed => new OperatorCheck("Clip", 13, Values([7], seed), Values([], seed, -1, 0), Values([], seed, 0, 1))),
            0),
        new("PRelu",
            from shape in Gen.Long[1, 3].Array[2, 4]
            from dropped in Gen.Int[0, 2]
            from seed in Seeds
            select new OperatorCheck("PRelu", 16, Values(shape, seed), Values(shape[dropped..], seed + 1))),
        Unary("Softmax", 11, -2, 2, ("axis", 0)),
        Unary("Softmax", 13, -2, 2, ("axis", 0)),
        Unary("LogSoftmax", 11, -2, 2, ("axis", 0)),
        Unary("LogSoftmax", 13, -2, 2),
        Unary("Dropout", 13, -2, 2),
    ];

    public static GradientCase[] Arithmetic =>
    [
        Binary("Add", 14, -2, 2),
        Binary("Sub", 14, -2, 2),
        Binary("Mul", 14, -2, 2),
        Binary("Div", 14, 0.5, 2),
        Binary("Pow", 15, 0.5, 2),
        Binary("Mod", 13, 0.5, 2, ("fmod", 1)),
        Variadic("Sum"),
        Variadic("Mean"),
        Variadic("Min"),
        Variadic("Max"),
        Unary("Neg", 13, -2, 2),
        Unary("Abs", 13, -2, 2),
        Unary("Reciprocal", 13, 0.5, 2),
        Unary("Sqrt", 13, 0.5, 2),
        Unary("Exp", 13, -2, 2),
        Unary("Log", 13, 0.5, 2),
        // Steps: their gradient is 0 as far as there is one.
        Unary("Sign", 13, 0.1, 2),
        Unary("Floor", 13, 0.1, 0.9),
        Unary("Ceil", 13, 0.1, 0.9),
        Unary("Round", 13, 0.6, 1.4),
        Unary("Sin", 7, -2, 2),
        Unary("Cos", 7, -2, 2),
        Unary("Tan", 7, -1, 1),
        Unary("Asin", 7, -0.8, 0.8),
        Unary("Acos", 7, -0.8, 0.8),
        Unary("Atan", 7, -2, 2),
        Unary("Sinh", 9, -2, 2),
        Unary("Cosh", 9, -2, 2),
        Unary("Asinh", 9, -2, 2),
        Unary("Acosh", 9, 1.5, 3),
        Unary("Atanh", 9, -0.8, 0.8),
    ];

    public static string[] StepsAndBits =>
    [
        "Hardmax", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "Not", "IsNaN", "IsInf",
        "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot",
    ];

    public static string[] Random =>
        ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial"];

    private static GradientCase Binary(string type, int opset, double min, double max, params (string, object)[] attributes) => new(type,
        from shapes in Broadcast.Shapes(2)
        from seed in Seeds
        select new OperatorCheck(
            type, opset, Values(shapes[0], seed, min, max), Values(shapes[1], seed + 1, min, max))
        { Attributes = attributes });

    private static GradientCase Variadic(string type) => new(type,
        from count in Gen.Int[1, 3]
        from shapes in Broadcast.Shapes(count)
        from seed in Seeds
        select new OperatorCheck(type, 13, [.. shapes.Select((shape, i) => Values(shape, seed + i))]));
}
