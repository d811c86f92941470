namespace CnnOnnx.Torch.Operators;

/// <summary>Cells added before and after each spatial axis.</summary>
internal sealed record Padding(long[] Begin, long[] End)
{
    public bool IsSymmetric { get; } = Begin.AsSpan().SequenceEqual(End);

    /// <summary>The numbers in the order of torch's pad: begin and end of the last axis first.</summary>
    public long[] LastAxisFirst()
    {
        long[] flat = new long[2 * Begin.Length];
        for (int i = 0; i < Begin.Length; i++)
            (flat[2 * i], flat[2 * i + 1]) = (Begin[^(i + 1)], End[^(i + 1)]);
        return flat;
    }

    /// <summary>Splits what an axis needs in all: the odd cell goes to the end for SAME_UPPER, to the beginning for SAME_LOWER.</summary>
    public static Padding Split(long[] total, AutoPad autoPad)
    {
        long[] begin = [.. total.Select(t => autoPad == AutoPad.SameLower ? t - t / 2 : t / 2)];
        return new Padding(begin, [.. total.Zip(begin, (t, b) => t - b)]);
    }
}

/// <summary>Rules by which a window's padding is found.</summary>
internal enum AutoPad
{
    /// <summary>From the attribute pads.</summary>
    NotSet,

    /// <summary>None.</summary>
    Valid,

    /// <summary>So that an output has ⌈input / stride⌉ cells; an odd cell comes last.</summary>
    SameUpper,

    /// <summary>The same with the odd cell first.</summary>
    SameLower,
}
