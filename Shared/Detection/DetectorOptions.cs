using CnnOnnx.Imaging;
using CnnOnnx.Inference;

namespace CnnOnnx.Detection;

/// <summary>Options of a detector: which boxes count, what they are called, how it runs.</summary>
public sealed record DetectorOptions
{
    /// <summary>Score that a box has to be above, 0 to 1; null for what is usual for the layout.</summary>
    public double? Confidence { get; init; }

    /// <summary>
    /// Overlap (intersection over union) above which the box of the lower score is dropped, 0 to 1; null for what is usual for the
    /// layout. Where the graph suppresses inside, nothing more is dropped unless this is given.
    /// </summary>
    public double? Overlap { get; init; }

    /// <summary>Most boxes of a picture: those with the highest scores.</summary>
    public int MaxBoxes { get; init; } = 300;

    /// <summary>Boxes of different classes drop one another, too; null for what is usual for the layout.</summary>
    public bool? AcrossClasses { get; init; }

    /// <summary>A place becomes a box for every class whose score counts, as evaluations want it, not for its best class only.</summary>
    public bool EveryClass { get; init; }

    /// <summary>Names of the classes; null for those of the model card, the exporter's metadata or the layout.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>
    /// Changes how a picture becomes the input. It is given what the model card says or, without a card, what the layout's networks
    /// are usually given.
    /// </summary>
    public Func<InputSpec, InputSpec>? Preprocessing { get; init; }

    /// <summary>Device to run on; CUDA where it works, else the CPU, when nothing is said.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>CPU threads; null for all that the process may use.</summary>
    public int? Threads { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A threshold outside 0 to 1, or no box at all.</exception>
    internal DetectorOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBoxes, 1, nameof(MaxBoxes));
        foreach ((double? value, string name) in new[] { (Confidence, nameof(Confidence)), (Overlap, nameof(Overlap)) })
            if (value is not (null or (>= 0 and <= 1)))
                throw new ArgumentOutOfRangeException(name, value, "expected 0 to 1");
        return this;
    }
}
