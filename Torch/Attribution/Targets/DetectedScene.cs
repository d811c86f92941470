using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Boxes that a detector has found in one run, with the elements of its tensors that each box is made of.</summary>
/// <param name="Boxes">Boxes that are left after suppression, the surest first.</param>
/// <param name="At">
/// Gives the cell whose box would lie closest to a rectangle in pixels of the input, for a class by its index; null where no cell is near.
/// </param>
internal sealed record DetectedScene(IReadOnlyList<BoxOrigin> Boxes, Func<Rect2d, int, BoxOrigin?> At);

/// <summary>One box of a detector and where it comes from.</summary>
/// <param name="Label">Name of the class.</param>
/// <param name="Score">Score of the box, 0 to 1.</param>
/// <param name="Place">Rectangle in pixels of the picture.</param>
/// <param name="Parts">
/// Elements that make its parts, by <see cref="BoxPart"/>; parts that the detector does not have are missing.
/// </param>
internal sealed record BoxOrigin(
    string Label, double Score, Rect2d Place, IReadOnlyDictionary<BoxPart, IReadOnlyList<TargetTerm>> Parts);

/// <summary>Parts of a box that can be explained.</summary>
internal enum BoxPart
{
    /// <summary>Score of the class.</summary>
    Cls,

    /// <summary>Score of there being anything at all.</summary>
    Obj,

    /// <summary>Horizontal place of the centre, or the left side.</summary>
    X,

    /// <summary>Vertical place of the centre, or the upper side.</summary>
    Y,

    /// <summary>Width, or the right side.</summary>
    W,

    /// <summary>Height, or the lower side.</summary>
    H,
}
