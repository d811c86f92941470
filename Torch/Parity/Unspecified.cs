using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Parity;

/// <summary>Tensors whose values the specification leaves open, so that two right engines may differ in them.</summary>
internal static class Unspecified
{
    // The mask of Dropout has a meaning outside of training only since version 12; random generators never agree.
    private static readonly (string Op, int Output, int Below)[] Rows =
        [("Dropout", 1, 12), ("RandomNormal", 0, int.MaxValue), ("RandomNormalLike", 0, int.MaxValue), ("RandomUniform", 0, int.MaxValue),
         ("RandomUniformLike", 0, int.MaxValue), ("Multinomial", 0, int.MaxValue), ("Bernoulli", 0, int.MaxValue)];

    public static bool Is(OnnxNode node, string tensor) =>
        Rows.Any(row => row.Op == node.OpType && node.Opset < row.Below && node.Outputs.IndexOf(tensor) == row.Output);
}
