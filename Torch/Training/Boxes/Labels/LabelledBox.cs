using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>A box with a class in a picture: left, top, width and height in pixels of the picture.</summary>
/// <param name="Class">Index of the class, from 0.</param>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width, above 0.</param>
/// <param name="Height">Height, above 0.</param>
internal readonly record struct LabelledBox(int Class, float X, float Y, float Width, float Height);

/// <summary>A picture and the boxes in it.</summary>
/// <param name="Path">The picture's file.</param>
/// <param name="Size">Width and height, as it is shown: an orientation in the file is applied.</param>
/// <param name="Boxes">Boxes to learn and to find, within the picture.</param>
internal sealed record BoxPicture(string Path, Size Size, LabelledBox[] Boxes)
{
    /// <summary>
    /// Boxes that are not learned and count neither for nor against when found: crowds, and what is hard even for people.
    /// </summary>
    public LabelledBox[] Ignored { get; init; } = [];

    /// <summary>Pixels of the things themselves, a number for each of <see cref="Boxes"/>; null for those of the boxes.</summary>
    public double[]? Areas { get; init; }

    /// <summary>Number of the picture in its set; null where it has none but its place.</summary>
    public long? Number { get; init; }
}

/// <summary>Pictures of one part of a set, as its labels give them.</summary>
/// <param name="Name">train, val, test, or all.</param>
/// <param name="Pictures">In the order of their names.</param>
internal sealed record LabelledPart(string Name, BoxPicture[] Pictures);

/// <summary>A set as its labels give it.</summary>
/// <param name="Format">Name of the format, such as YOLO.</param>
/// <param name="Classes">Names of the classes, in the order of their indices.</param>
/// <param name="Parts">At least one.</param>
internal sealed record LabelledSet(string Format, string[] Classes, LabelledPart[] Parts)
{
    /// <summary>Number of each class in the set's own files; null where that is its index.</summary>
    public int[]? Numbers { get; init; }
}
