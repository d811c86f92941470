using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// Loops that can be seen never to end. ONNX Runtime stacks what each round makes, so it is memory that ends them. Exporters
/// write the largest integer as the number of rounds of a loop that a computed condition ends: those are not meant.
/// </summary>
internal static class LoopLimits
{
    /// <summary>More rounds than any network makes.</summary>
    public const long MostRounds = 100_000;

    // Exporters hand a condition on through an Identity or two.
    private const int MostSteps = 100;

    /// <exception cref="OnnxException">The node is a Loop that goes on for more rounds than any model needs, whatever its input
    /// is.</exception>
    public static void Check(OnnxNode node, ConstantOperands constants)
    {
        if (node.OpType != "Loop" || node.Domain.Length > 0
            || node.Proto.Attribute.FirstOrDefault(a => a.Name == "body")?.G is not { Output.Count: > 0 } body)
            return;
        double rounds = !node.HasInput(0) ? double.PositiveInfinity : constants.Of(node, 0) is [var given] ? given : 0;
        if (rounds > MostRounds && GoesOn(node, body, constants))
            throw node.Error(
                $"goes on for {(node.HasInput(0) ? $"{(Int128)rounds}" : "any number of")} rounds, expected at most {MostRounds} or a"
                    + $" condition that ends it");
    }

    // The condition comes out of the body as it went in, or as a constant.
    private static bool GoesOn(OnnxNode node, GraphProto body, ConstantOperands constants)
    {
        string condition = body.Output[0].Name;
        for (int step = 0; step < MostSteps
            && body.Node.FirstOrDefault(n => n.Output.Contains(condition)) is { OpType: "Identity", Input: [var same] }; step++)
            condition = same;
        return (body.Input.Count > 1 && body.Input[1].Name == condition)
            || new ConstantOperands(body, node.ModelSource, constants).Of(condition) is [not 0];
    }
}
