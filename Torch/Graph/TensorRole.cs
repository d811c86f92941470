namespace CnnOnnx.Torch.Graph;

/// <summary>What an initializer is for.</summary>
internal enum TensorRole
{
    /// <summary>A number of the graph itself: a shape, a clip bound. Not trained, not part of a state dictionary.</summary>
    Constant,

    /// <summary>A running mean or variance: kept with the weights, changed by training mode, has no gradient.</summary>
    Statistic,

    /// <summary>Trained.</summary>
    Weight,
}
