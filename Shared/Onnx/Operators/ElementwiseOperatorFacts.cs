namespace CnnOnnx.Onnx;

/// <summary>Facts about the operators that compute element by element: activations, arithmetic, comparisons.</summary>
internal static class ElementwiseOperatorFacts
{
    // A single number beside a tensor is part of the formula, more than one are somebody's scale or bias.
    private static readonly WeightInput[] Operands = [new(0) { Smallest = 2 }, new(1) { Smallest = 2 }];

    private static readonly TypeRule[] Bool = [TypeRules.Bool];

    public static OperatorFacts[] Rows =>
    [
        new("Relu") { Family = OperatorFamily.Activation, OnClasses = EffectOnClasses.Keeps },
        new("LeakyRelu") { Family = OperatorFamily.Activation },
        new("PRelu") { Family = OperatorFamily.Activation, Weights = [new(1)] },
        // A plateau is where the slope is below about 1 % of 1: σ' = σ(1 − σ), tanh' = 1 − tanh².
        new("Sigmoid") { Family = OperatorFamily.Activation, Saturation = Plateau(0.01f, 0.99f), OnClasses = EffectOnClasses.Normalizes },
        new("HardSigmoid") { Family = OperatorFamily.Activation, Saturation = Plateau(0, 1) },
        new("HardSwish") { Family = OperatorFamily.Activation },
        new("Tanh") { Family = OperatorFamily.Activation, Saturation = Plateau(-0.995f, 0.995f) },
        new("Softsign") { Saturation = Plateau(-0.9f, 0.9f) },
        new("Softplus") { Family = OperatorFamily.Activation },
        new("Elu") { Family = OperatorFamily.Activation },
        new("Selu") { Family = OperatorFamily.Activation },
        new("Gelu") { Family = OperatorFamily.Activation },
        new("Mish") { Family = OperatorFamily.Activation },
        new("Clip") { Family = OperatorFamily.Activation, Saturation = SaturationBounds.OfClip },
        new("Softmax") { Family = OperatorFamily.Activation, OnClasses = EffectOnClasses.Normalizes },
        new("LogSoftmax") { Family = OperatorFamily.Activation, OnClasses = EffectOnClasses.Normalizes },

        new("Add") { Weights = Operands },
        new("Sub") { Weights = Operands },
        new("Mul") { Weights = Operands },
        new("Div") { Weights = Operands },
        new("QLinearAdd") { Quantizes = true },

        new("Equal") { Types = Bool },
        new("Less") { Types = Bool },
        new("LessOrEqual") { Types = Bool },
        new("Greater") { Types = Bool },
        new("GreaterOrEqual") { Types = Bool },
        new("And") { Types = Bool },
        new("Or") { Types = Bool },
        new("Not") { Types = Bool },
        new("Xor") { Types = Bool },
        new("IsNaN") { Types = Bool },
        new("IsInf") { Types = Bool },
        new("Where") { Types = [TypeRules.OfInput(1)] },
    ];

    private static Func<OnnxGraph, OnnxNode, SaturationBounds> Plateau(float low, float high) => (_, _) => new SaturationBounds(low, high);
}
