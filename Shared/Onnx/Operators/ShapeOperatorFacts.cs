using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>Facts about the operators that make tensors, or change their shape, size or type.</summary>
internal static class ShapeOperatorFacts
{
    private const double Widest = OperandLimit.Widest, Most = OperandLimit.MostElements;

    private static readonly TypeRule[] Int64 = [TypeRules.Int64], Named = [TypeRules.Named], Unknown = [TypeRules.Unknown];

    // Of every version.
    private static readonly (int Output, long Before)[] Random = [(0, long.MaxValue)];

    public static OperatorFacts[] Rows =>
    [
        new("Flatten") { OnClasses = EffectOnClasses.Keeps },
        // Any number may stand in its shape; how many there may be is limited as for all of these.
        new("Reshape") { OnClasses = EffectOnClasses.Keeps, Limits = [new(1, double.MinValue, double.MaxValue)] },
        new("Transpose") { OnClasses = EffectOnClasses.Keeps },
        new("Squeeze") { OnClasses = EffectOnClasses.Keeps },
        new("Unsqueeze") { OnClasses = EffectOnClasses.Keeps },
        new("Identity") { OnClasses = EffectOnClasses.Keeps },
        new("Cast") { Types = Named, OnClasses = EffectOnClasses.Keeps },
        new("Shape") { Types = Int64 },
        new("Size") { Types = Int64 },

        new("Pad") { Limits = [new(1, -Widest, Widest)] },
        new("CenterCropPad") { Limits = [new(1, 0, Widest)] },
        new("Tile") { Limits = [new(1, 0, Widest) { MostTogether = Most }] },
        // −1 is not in the specification; exporters write it for "as it is".
        new("Expand") { Limits = [new(1, -1, Most) { MostTogether = Most }] },
        new("Upsample") { Family = OperatorFamily.Pooling, Limits = [new(1, 0, Widest)] },
        new("Resize")
        {
            Family = OperatorFamily.Pooling,
            Limits = [new(1, 0, Widest) { Before = 11 }, new(2, 0, Widest), new(3, 0, Widest)],
        },
        new("Col2Im") { Limits = [new(1, 1, Widest), new(2, 1, Widest)] },
        new("AffineGrid") { Limits = [new(1, 0, Widest) { MostTogether = Most }] },

        new("Constant") { Types = [TypeRules.OfValue(ElementType.Undefined)] },
        new("ConstantOfShape") { Types = [TypeRules.OfValue(ElementType.Float)], Limits = [new(0, 0, Most) { MostTogether = Most }] },
        new("EyeLike") { Types = Unknown },
        new("OneHot") { Types = [TypeRules.OfInput(2)], Limits = [new(1, 0, OperandLimit.Largest)] },
        new("RandomNormal") { Types = Named, Nondeterministic = Random },
        new("RandomNormalLike") { Nondeterministic = Random },
        new("RandomUniform") { Types = Named, Nondeterministic = Random },
        new("RandomUniformLike") { Nondeterministic = Random },
        new("Multinomial") { Types = Unknown, Nondeterministic = Random },
        new("Bernoulli") { Nondeterministic = Random },

        // Indices in what they look at; TopK and Unique put them beside the values.
        new("NonZero") { Types = Int64 },
        new("ArgMax") { Types = Int64 },
        new("ArgMin") { Types = Int64 },
        new("NonMaxSuppression") { Types = Int64 },
        new("TopK") { Types = [TypeRules.OfInput(0), TypeRules.Int64] },
        new("Unique") { Types = [TypeRules.OfInput(0), TypeRules.Int64] },
    ];
}
