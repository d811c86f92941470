using System.Collections.Immutable;
using CnnOnnx.Onnx;

namespace CnnOnnx.Detection;

/// <summary>The 80 classes of the COCO data set, as Darknet and most detectors name and order them, and COCO's own numbers.</summary>
public static class CocoClasses
{
    /// <summary>Names of the classes 0 to 79.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ClassNames.Coco];

    /// <summary>COCO's number of each class, 1 to 90, in the order of <see cref="Names"/>.</summary>
    public static ImmutableArray<int> Ids { get; } = [.. Enumerable.Range(1, 90).Where(id => ClassNames.CocoByNumber[id - 1] != ClassNames.Unused)];

    /// <summary>Number of a class in result files: COCO's own where the names are COCO's, else the index from 1.</summary>
    /// <param name="index">Index of the class, from 0.</param>
    /// <param name="labels">Names of the detector's classes.</param>
    internal static int NumberOf(int index, IReadOnlyList<string> labels) =>
        index < Ids.Length && labels.SequenceEqual(Names) ? Ids[index] : index + 1;
}
