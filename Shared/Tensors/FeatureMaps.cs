namespace CnnOnnx.Tensors;

/// <summary>Which of a tensor's values are which map: <see cref="Count"/> maps of H·W values one after another.</summary>
/// <param name="Offset">Of the first map of the sample, in values.</param>
/// <param name="IsVector">One value a channel: bars or cells rather than maps.</param>
internal readonly record struct FeatureMaps(int Offset, int Count, int Height, int Width, bool IsVector)
{
    public int Area => Height * Width;

    public int Length => Count * Area;

    /// <summary>
    /// [N, C, H, W] and [N, C, D, H, W] are maps of H·W of one sample, [C, H, W] maps without samples, [N, C] and [C]
    /// vectors, also with further axes of size 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not that large.</exception>
    /// <exception cref="ArgumentException">The values are not as many as the shape says.</exception>
    public static FeatureMaps Of(ReadOnlySpan<float> values, TensorShape shape, int sample) => Of(values.Length, shape, sample);

    /// <inheritdoc cref="Of(ReadOnlySpan{float}, TensorShape, int)"/>
    public static FeatureMaps Of(int length, TensorShape shape, int sample) => length == shape.Count
        ? Of(shape, sample)
        : throw new ArgumentException($"A tensor {shape} has {shape.Count} values, got {length}.");

    private static FeatureMaps Of(TensorShape shape, int sample)
    {
        bool hasBatch = shape.Rank is 2 or > 3;
        long batch = hasBatch ? shape[0] : 1;
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sample, Math.Max(0, batch - 1), nameof(sample));

        ReadOnlySpan<long> dims = shape.Dims.AsSpan()[(hasBatch ? 1 : 0)..];
        bool hasMaps = dims.Length > 1;
        long height = hasMaps ? dims[^2] : 1;
        long width = hasMaps ? dims[^1] : 1;
        long count = batch == 0 ? 0 : 1;
        foreach (long dim in hasMaps ? dims[..^2] : dims)
            count = checked(count * dim);
        if (height == 0 || width == 0)
            count = 0;
        return checked(new FeatureMaps((int)(sample * count * height * width), (int)count, (int)height, (int)width, height * width == 1));
    }
}
