namespace CnnOnnx.Onnx;

/// <summary>What a declared value holds.</summary>
public enum OnnxValueKind
{
    Undeclared,
    Tensor,
    SparseTensor,
    Sequence,
    Map,
    Optional,
}
