namespace CnnOnnx.Onnx;

/// <summary>An input of an operator that may be a weight.</summary>
/// <param name="Index">Place among the node's inputs.</param>
/// <param name="Role">Role of an initializer that stands there.</param>
internal sealed record WeightInput(int Index, TensorRole Role = TensorRole.Weight)
{
    /// <summary>An initializer with fewer elements is a constant of the graph and no weight.</summary>
    public int Smallest { get; init; } = 1;

    /// <summary>
    /// Says of a kernel or a matrix whether its first axis is the layer's inputs and the second its outputs, not the other way
    /// round. Null for what is no picture: a bias, a scale.
    /// </summary>
    public Func<OnnxNode, bool>? InputsFirst { get; init; }
}

/// <summary>Roles of initializers.</summary>
internal enum TensorRole
{
    /// <summary>A number of the graph itself: a shape, a clip bound. Not trained, not part of a state dictionary.</summary>
    Constant,

    /// <summary>A running mean or variance: kept with the weights, changed by training mode, has no gradient.</summary>
    Statistic,

    /// <summary>Trained.</summary>
    Weight,
}
