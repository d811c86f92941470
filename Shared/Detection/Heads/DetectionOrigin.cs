using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Detection;

/// <summary>
/// Elements of the model's outputs that a box was made of: what has to be explained, or differentiated, to say why it is there.
/// </summary>
/// <param name="Class">The element with the score of the box's class: a logit where the graph ends before the sigmoid or softmax.</param>
/// <param name="Objectness">The element that says whether anything is there; null in heads without one.</param>
/// <param name="Box">Elements with the place, in the order that <paramref name="Coding"/> says.</param>
/// <param name="Coding">Meaning of the elements of the place.</param>
public sealed record DetectionOrigin(TensorElements Class, TensorElements? Objectness, TensorElements Box, BoxCoding Coding)
{
    /// <summary>The cell of the head that it belongs to; null in heads whose rows are no cells of a map.</summary>
    public HeadCell? Cell { get; init; }
}

/// <summary>Meanings of the elements of a box.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<BoxCoding>))]
public enum BoxCoding
{
    /// <summary>Centre x, centre y, width, height.</summary>
    CentreSize,

    /// <summary>Left, upper, right and lower edge.</summary>
    Corners,

    /// <summary>Upper, left, lower and right edge, as TensorFlow writes them.</summary>
    CornersYx,

    /// <summary>Distances from a point to the left, upper, right and lower edge, as many bins of a distribution for each.</summary>
    Distances,
}
