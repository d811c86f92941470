using CsCheck;
using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class LossOperatorsTests
{
    [TestMethod]
    [DataRow("NegativeLogLikelihoodLoss", 1)]
    [DataRow("SoftmaxCrossEntropyLoss", 2)]
    public void Run_AnyOptions_AgreesWithOrt(string type, int outputs) => AllAgreeWithOrt(
        from reduction in Gen.Int[0, 2].Select(i => new[] { "none", "sum", "mean" }[i])
        from ignored in Gen.Int[-2, 2]
        from weighted in Gen.Bool
        from sizes in Gen.Long[1, 3].Array[0, 2]
        from seed in Gen.Int[0, 1000]
        select new OperatorCheck(
            type, 13, Floats([4, 3, .. sizes], seed), Longs([4, .. sizes], seed + 1, 0, 3), weighted
                ? Floats([3], seed + 2, 0.5f, 1.5f) : null)
        {
            Attributes = [("reduction", reduction), .. ignored >= 0 ? [("ignore_index", (object)ignored)]
                : Array.Empty<(string, object)>()],
            Outputs = outputs,
        });

    [TestMethod]
    public void Run_TargetThatIsNoClass_IsRefused()
    {
        new OperatorCheck("NegativeLogLikelihoodLoss", 13, Floats([2, 3], 1), Vector(1, 3)).IsRefused("has index 3, expected -3 to 2");
        new OperatorCheck("NegativeLogLikelihoodLoss", 13, Floats([2, 3], 1), Vector(1, -1)).IsRefused("has target -1, expected 0 to 2");
        new OperatorCheck("SoftmaxCrossEntropyLoss", 13, Floats([2, 3], 1), Vector(1)).IsRefused("expected integers [2]");
    }
}
