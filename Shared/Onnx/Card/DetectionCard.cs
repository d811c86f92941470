using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Onnx;

/// <summary>Describes a detector's heads, which the graph alone does not: how the numbers of their tensors become boxes.</summary>
public sealed record DetectionCard
{
    /// <summary>Name of the layout, such as yolov3 (raw heads of Darknet's [yolo]) or yolov2 (raw head of [region]).</summary>
    [JsonPropertyName("layout")]
    public required string Layout { get; init; }

    /// <summary>Number of classes that a cell tells apart.</summary>
    [JsonPropertyName("classes")]
    public required int Classes { get; init; }

    /// <summary>Number that is taken from a class of the heads to find its name: 1 where class 0 is the background.</summary>
    [JsonPropertyName("class_offset")]
    public int ClassOffset { get; init; }

    /// <summary>The heads, in the order of the graph.</summary>
    [JsonPropertyName("heads")]
    public required ImmutableArray<DetectionHead> Heads { get; init; }

    // What a JSON may leave out or state in numbers that no detector has.
    internal DetectionCard Checked()
    {
        if (Classes is < 1 or > 1_000_000 || ClassOffset < 0 || Heads.IsDefaultOrEmpty)
            throw new JsonException($"{Classes} classes from {ClassOffset} on in {(Heads.IsDefault ? 0 : Heads.Length)} heads, "
                + "expected at least one class and one head");
        foreach (DetectionHead head in Heads)
            if (head.Stride < 1 || head.Anchors.IsDefaultOrEmpty || head.Anchors.Any(a => a is not [> 0, > 0])
                || !double.IsFinite(head.ScaleXY))
                throw new JsonException($"head '{head.Tensor}' has stride {head.Stride} and "
                    + $"{(head.Anchors.IsDefault ? 0 : head.Anchors.Length)} anchors, expected a stride from 1 and anchors "
                    + "[width, height]");
        return this;
    }
}

/// <summary>Describes one head of a detector: a tensor [N, anchors·(5 + classes), H, W].</summary>
public sealed record DetectionHead
{
    /// <summary>Name of the tensor in the graph.</summary>
    [JsonPropertyName("tensor")]
    public required string Tensor { get; init; }

    /// <summary>Pixels of the input that a cell is wide and high.</summary>
    [JsonPropertyName("stride")]
    public required int Stride { get; init; }

    /// <summary>Width and height of each anchor of a cell: in pixels of the input, for the layout yolov2 in cells.</summary>
    [JsonPropertyName("anchors")]
    public required ImmutableArray<double[]> Anchors { get; init; }

    /// <summary>Factor s of the centre inside its cell, σ·s − (s − 1)/2; 1 when not given.</summary>
    [JsonPropertyName("scale_x_y")]
    public double ScaleXY { get; init; } = 1;

    /// <summary>True where the head has been through a sigmoid already and sizes are (2v)²·anchor.</summary>
    [JsonPropertyName("new_coords")]
    public bool NewCoords { get; init; }
}
