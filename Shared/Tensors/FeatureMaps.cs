namespace CnnOnnx.Tensors;

/// <summary>On which axis of a picture-like tensor its channels lie.</summary>
public enum ChannelLayout
{
    /// <summary>Before height and width: [N, C, H, W] or [C, H, W], as PyTorch and ONNX's own operators have it.</summary>
    First,

    /// <summary>Behind height and width: [N, H, W, C] or [H, W, C], as TensorFlow and Keras have it.</summary>
    Last,
}

/// <summary>
/// Where the feature maps of a tensor's sample are. Channels first, they are <see cref="Count"/> runs of H·W values; channels last,
/// they are interleaved, and <see cref="Planes"/> takes them apart.
/// </summary>
/// <param name="Offset">Index of the sample's first value.</param>
/// <param name="Count">Number of maps of the sample.</param>
/// <param name="Height">Rows of a map.</param>
/// <param name="Width">Columns of a map.</param>
/// <param name="IsVector">True when a map is one value: bars or cells rather than maps.</param>
/// <param name="Layout">Axis of the channels.</param>
internal readonly record struct FeatureMaps(
    int Offset, int Count, int Height, int Width, bool IsVector, ChannelLayout Layout = ChannelLayout.First)
{
    /// <summary>Values of one map.</summary>
    public int Area => Height * Width;

    /// <summary>Values of the sample.</summary>
    public int Length => Count * Area;

    /// <summary>
    /// Finds the maps of one sample. [N, C, H, W] and [N, C, D, H, W] are maps of H·W, [C, H, W] maps without samples, [N, C] and [C]
    /// vectors, also with further axes of size 1. Channels last, these are [N, H, W, C], [N, D, H, W, C] and [H, W, C].
    /// </summary>
    /// <param name="values">All values of the tensor.</param>
    /// <param name="shape">The tensor's axes.</param>
    /// <param name="sample">Index in the batch, from 0.</param>
    /// <param name="layout">Axis of the channels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not that large.</exception>
    /// <exception cref="ArgumentException">The values are not as many as the shape says.</exception>
    public static FeatureMaps Of(
        ReadOnlySpan<float> values, TensorShape shape, int sample, ChannelLayout layout = ChannelLayout.First) =>
        Of(values.Length, shape, sample, layout);

    /// <inheritdoc cref="Of(ReadOnlySpan{float}, TensorShape, int, ChannelLayout)"/>
    /// <param name="length">Number of the tensor's values.</param>
    public static FeatureMaps Of(int length, TensorShape shape, int sample, ChannelLayout layout = ChannelLayout.First) =>
        length == shape.Count
            ? Of(shape, sample, layout)
            : throw new ArgumentException($"A tensor {shape} has {shape.Count} values, got {length}.");

    /// <summary>
    /// The sample's maps, one after another. No copy where they lie so in the tensor: channels first, vectors and single maps.
    /// </summary>
    /// <param name="values">All values of the tensor.</param>
    public ReadOnlySpan<T> Planes<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        ReadOnlySpan<T> own = values.Slice(Offset, Length);
        if (Layout == ChannelLayout.First || Count <= 1 || IsVector)
            return own;
        T[] planes = GC.AllocateUninitializedArray<T>(Length);
        Separate(own, Count / Depth, planes);
        return planes;
    }

    /// <summary>One of the sample's maps; no copy where it lies so in the tensor.</summary>
    /// <param name="values">All values of the tensor.</param>
    /// <param name="map">Index of the map, from 0.</param>
    public ReadOnlySpan<T> Plane<T>(ReadOnlySpan<T> values, int map) where T : unmanaged
    {
        if (Layout == ChannelLayout.First || Count <= 1 || IsVector)
            return values.Slice(Offset + map * Area, Area);
        int channels = Count / Depth;
        ReadOnlySpan<T> own = values.Slice(Offset + map % Depth * Area * channels, Area * channels);
        T[] plane = GC.AllocateUninitializedArray<T>(Area);
        for (int i = 0, from = map / Depth; i < plane.Length; i++, from += channels)
            plane[i] = own[from];
        return plane;
    }

    // Slices of a channel of [N, D, H, W, C]; they are maps of their own.
    private int Depth { get; init; } = 1;

    // From [positions, channels] to [channels, positions], in blocks that stay in the cache.
    private static void Separate<T>(ReadOnlySpan<T> interleaved, int channels, Span<T> planes) where T : unmanaged
    {
        const int Block = 32;
        int positions = interleaved.Length / channels;
        for (int firstChannel = 0; firstChannel < channels; firstChannel += Block)
        {
            int lastChannel = Math.Min(channels, firstChannel + Block);
            for (int first = 0; first < positions; first += Block)
            {
                int last = Math.Min(positions, first + Block);
                for (int channel = firstChannel; channel < lastChannel; channel++)
                    for (int i = first; i < last; i++)
                        planes[channel * positions + i] = interleaved[i * channels + channel];
            }
        }
    }

    private static FeatureMaps Of(TensorShape shape, int sample, ChannelLayout layout)
    {
        bool hasBatch = shape.Rank is 2 or > 3;
        long batch = hasBatch ? shape[0] : 1;
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sample, Math.Max(0, batch - 1), nameof(sample));

        ReadOnlySpan<long> dims = shape.Dims.AsSpan()[(hasBatch ? 1 : 0)..];
        bool hasMaps = dims.Length > 1;
        // A vector's channels are last in any case.
        bool isLast = layout == ChannelLayout.Last && dims.Length > 2;
        int rowAxis = dims.Length - (isLast ? 3 : 2);
        long height = hasMaps ? dims[rowAxis] : 1;
        long width = hasMaps ? dims[rowAxis + 1] : 1;
        long depth = isLast ? Product(dims[..rowAxis]) : 1;
        long count = isLast ? checked(depth * dims[^1]) : Product(hasMaps ? dims[..rowAxis] : dims);
        if (batch == 0 || height == 0 || width == 0)
            count = 0;
        return checked(new FeatureMaps(
            (int)(sample * count * height * width), (int)count, (int)height, (int)width, height * width == 1, isLast ? layout : ChannelLayout.First)
        {
            Depth = Math.Max(1, (int)depth),
        });
    }

    private static long Product(ReadOnlySpan<long> dims)
    {
        long product = 1;
        foreach (long dim in dims)
            product = checked(product * dim);
        return product;
    }
}
