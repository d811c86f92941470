using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Losses, with respect to scores and class weights.</summary>
internal static partial class GradientCases
{
    public static GradientCase[] Losses => [Loss("NegativeLogLikelihoodLoss"), Loss("SoftmaxCrossEntropyLoss")];

    private static GradientCase Loss(string type) => new(type,
        from reduction in Gen.Int[0, 2].Select(i => new[] { "none", "sum", "mean" }[i])
        from ignores in Gen.Bool
        from seed in Seeds
        select new OperatorCheck(type, 13, Values([3, 4, 2], seed), Longs([3, 2], seed + 1, 0, 4), Values([4], seed + 2, 0.5, 1.5))
        {
            Attributes = [("reduction", reduction), .. ignores ? [("ignore_index", (object)1)] : Array.Empty<(string, object)>()],
        });
}
