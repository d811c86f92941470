using System.Collections.Immutable;
using CnnOnnx.Onnx;

namespace CnnOnnx.Detection;

/// <summary>
/// The part of a model card that an ONNX file cannot say of a Darknet head, under the key cnnonnx.detection: anchors, strides, how
/// boxes are coded.
/// </summary>
/// <param name="Layout">Kind of head: yolov2, yolov2-raw, yolov3 or yolov4.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Heads">The heads, in the order of the file.</param>
internal sealed record HeadCard(string Layout, int Classes, ImmutableArray<AnchoredHead> Heads)
{
    public const string Key = "cnnonnx.detection";

    // What becomes of the classes. YOLOv2's [region] has a softmax, or nothing when its cfg says softmax=0.
    private static readonly Dictionary<string, ScoreActivation> Layouts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["yolov2"] = ScoreActivation.Softmax,
        ["yolov2-raw"] = ScoreActivation.None,
        ["yolov3"] = ScoreActivation.Sigmoid,
        ["yolov4"] = ScoreActivation.Sigmoid,
    };

    /// <summary>Function that makes shares of the numbers of the classes, where the network has not done it (new_coords).</summary>
    public ScoreActivation ClassActivation => Layouts[Layout];

    /// <summary>The heads that a model's card describes; null when it describes none.</summary>
    /// <exception cref="OnnxException">It speaks of a layout that is not known.</exception>
    public static HeadCard? Of(ModelCard card, string source)
    {
        if (card.Detection is not { } detection)
            return null;
        if (!Layouts.ContainsKey(detection.Layout))
            throw new OnnxException(source,
                $"its model card is broken: {Key} has the layout '{detection.Layout}', expected one of {string.Join(", ", Layouts.Keys)}");
        // Darknet writes the anchors of [region] in cells, those of [yolo] in pixels.
        bool isInCells = detection.Layout.Contains("v2", StringComparison.OrdinalIgnoreCase);
        return new HeadCard(detection.Layout, detection.Classes, [.. detection.Heads.Select(head => new AnchoredHead(
            head.Tensor,
            head.Stride,
            [.. head.Anchors.Select(side => (side[0] * (isInCells ? head.Stride : 1), side[1] * (isInCells ? head.Stride : 1)))],
            head.ScaleXY,
            head.NewCoords))]);
    }
}

/// <summary>One output of a Darknet detector: [N, anchors·(5 + classes), H, W].</summary>
/// <param name="Tensor">Name of the output.</param>
/// <param name="Stride">Pixels of the input for each cell.</param>
/// <param name="Anchors">Width and height of each anchor, in pixels of the input.</param>
/// <param name="ScaleXy">Darknet's scale_x_y.</param>
/// <param name="NewCoordinates">Darknet's new_coords: the sigmoid is in the network.</param>
internal sealed record AnchoredHead(
    string Tensor, int Stride, ImmutableArray<(double Width, double Height)> Anchors, double ScaleXy, bool NewCoordinates);
