namespace CnnOnnx.Torch.Operators;

/// <summary>
/// Where the output of a transposed convolution lies in the whole of what its windows reach:
/// <code>
///   |&lt;---------- natural ----------&gt;|
///   | Begin |&lt;------ Sizes ------&gt;|  (beyond the whole: zeros)
/// </code>
/// </summary>
internal sealed record TransposedPlacement(long[] Natural, long[] Begin, long[] Sizes)
{
    /// <summary>The output padding of torch: cells that the output has more than with <see cref="Begin"/> cut at both ends.</summary>
    public long[] Extra { get; } = [.. Sizes.Select((size, i) => size - (Natural[i] - 2 * Begin[i]))];

    public static TransposedPlacement Of(Operands operands, Window window, long[] kernel, long[]? outputPadding, long[]? outputShape)
    {
        int axes = kernel.Length;
        if (outputPadding is not null && outputPadding.Length != axes)
            throw operands.Fault($"attribute 'output_padding' has {outputPadding.Length} values, expected {axes}");
        // Some early exporters wrote the batch and channel axes too.
        if (outputShape is not null && outputShape.Length == axes + 2)
            outputShape = outputShape[2..];
        if (outputShape is not null && outputShape.Length != axes)
            throw operands.Fault($"attribute 'output_shape' has {outputShape.Length} values, expected {axes}");

        long[] strides = window.Strides(axes), natural = new long[axes], reach = new long[axes];
        for (int i = 0; i < axes; i++)
        {
            natural[i] = strides[i] * (operands[0].size(i + 2) - 1) + window.Extent(kernel, i);
            reach[i] = natural[i] + (outputPadding?[i] ?? 0);
        }

        if (outputShape is null && window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower)
            outputShape = [.. strides.Select((stride, i) => operands[0].size(i + 2) * stride)];
        if (outputShape is not null)
        {
            long[] total = [.. outputShape.Select((size, i) => Math.Max(0, reach[i] - size))];
            AutoPad rule = window.AutoPad == AutoPad.SameUpper ? AutoPad.SameUpper : AutoPad.SameLower;
            return new TransposedPlacement(natural, Padding.Split(total, rule).Begin, outputShape);
        }

        Padding padding = window.PaddingOf(operands[0], kernel);
        return new TransposedPlacement(natural, padding.Begin, [.. reach.Select((size, i) => size - padding.Begin[i] - padding.End[i])]);
    }

    /// <summary>True where torch's own padding and output padding give it.</summary>
    public bool IsNative(long[] strides, long[] dilations)
    {
        for (int i = 0; i < Extra.Length; i++)
            if (Extra[i] < 0 || Extra[i] >= Math.Max(strides[i], dilations[i]))
                return false;
        return true;
    }

    /// <summary>The cut out of the whole as padding: negative where cells go, positive where zeros come.</summary>
    public Padding Crop() => new([.. Begin.Select(b => -b)], [.. Sizes.Select((size, i) => Begin[i] + size - Natural[i])]);
}
