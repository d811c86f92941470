using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>A head that was recognised: which outputs it reads, how, and what its networks are usually given.</summary>
internal sealed record RecognisedHead
{
    /// <summary>Name of the layout, such as YOLOX.</summary>
    public required string Layout { get; init; }

    /// <summary>Outputs that are read.</summary>
    public required IReadOnlyList<string> Tensors { get; init; }

    /// <summary>Makes the levels for one run: shapes of its outputs by name, and width and height of its input.</summary>
    public required Func<Func<string, TensorShape>, Size, IReadOnlyList<HeadLevel>> Levels { get; init; }

    /// <summary>Number of classes; null where the head gives numbers of classes and does not say how many there are.</summary>
    public int? Classes { get; init; }

    /// <summary>Names that the layout itself gives, such as face; empty for none.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Changes what the input's shape suggests to what networks of this layout are given.</summary>
    public Func<InputSpec, InputSpec> Preprocessing { get; init; } = spec => spec;

    /// <summary>Score above which boxes count where nobody says another.</summary>
    public double Confidence { get; init; } = 0.25;

    /// <summary>Overlap above which boxes are suppressed where nobody says another; null where the graph has done it.</summary>
    public double? Overlap { get; init; }

    /// <summary>Boxes of all classes compete where nobody says otherwise.</summary>
    public bool AcrossClasses { get; init; }

    /// <summary>What the head also has and is not shown: masks, keypoints.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>Rows of all pictures of a batch stand in one list, so that pictures are run one by one.</summary>
    public bool TakesOnePicture { get; init; }

    /// <summary>Tensors for inputs beside the picture, by name.</summary>
    public Func<Size, IReadOnlyDictionary<string, TensorData>>? Others { get; init; }
}
