using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>
/// Nodes of one operator that have a gradient: their operands are float64 where it is asked for. Differentiated are the
/// inputs <paramref name="WithRespectTo"/>, or all float64 ones when none is named.
/// </summary>
internal sealed record GradientCase(string OpType, Gen<OperatorCheck> Checks, params int[] WithRespectTo)
{
    /// <summary>Number of nodes that are drawn.</summary>
    public int Count { get; init; } = 5;
}
