namespace CnnOnnx.Onnx;

/// <summary>What is seen of a tensor inside a Loop.</summary>
internal enum LoopRounds
{
    /// <summary>Every round, along a new first axis; the tensor must have the same shape in each.</summary>
    All,

    /// <summary>The last round only, whatever its shape.</summary>
    Last,
}
