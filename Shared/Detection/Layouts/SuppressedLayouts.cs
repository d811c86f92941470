using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>SSD and its kin, and two-stage detectors: most of them suppress inside the graph and give boxes, classes and scores.</summary>
internal static class SuppressedLayouts
{
    private const int BoxNumbers = 4;

    // What is inside keeps everything above 0.05; half of that is noise to look at.
    private const double Confidence = 0.5;

    private static readonly ImmutableArray<double> ImageNetMean = [0.485, 0.456, 0.406], ImageNetStd = [0.229, 0.224, 0.225];

    private static readonly ImmutableArray<double> CaffeMean = [102.9801, 115.9465, 122.7717];

    /// <summary>TensorFlow's: detection_boxes (y1, x1, y2, x2 as parts), detection_scores, detection_classes from 1.</summary>
    public static RecognisedHead? OfTensorFlow(HeadFacts facts)
    {
        if (facts["detection_boxes"] is not { } boxes || facts["detection_scores"] is not { } scores
            || facts["detection_classes"] is not { } classes)
            return null;
        return new RecognisedHead
        {
            Layout = "TensorFlow Object Detection",
            Tensors = [boxes.Name, scores.Name, classes.Name],
            Confidence = Confidence,
            Preprocessing = spec => spec with { Range = 255 },
            Remarks = facts.Outputs.Any(o => o.Name.StartsWith("detection_masks", StringComparison.Ordinal))
                ? ["its masks are not drawn"] : [],
            // Rows behind num_detections have a score of 0.
            Levels = (shapeOf, input) =>
            [
                Lists(boxes.Name, scores.Name, classes.Name, shapeOf(scores.Name).Count, BoxRules.CornersYx(input.Width, input.Height))
                    with { Coding = BoxCoding.CornersYx },
            ],
        };
    }

    /// <summary>SSD of the model zoo: bboxes as parts of the picture, labels from 1, scores.</summary>
    public static RecognisedHead? OfSsdZoo(HeadFacts facts)
    {
        if (facts["bboxes"] is not { Rank: 3 } boxes || boxes[2] != BoxNumbers || facts["labels"] is not { } labels
            || facts["scores"] is not { } scores)
            return null;
        return new RecognisedHead
        {
            Layout = "SSD (model zoo)",
            Tensors = [boxes.Name, scores.Name, labels.Name],
            Confidence = Confidence,
            Preprocessing = spec => spec with { Mean = ImageNetMean, Std = ImageNetStd },
            Levels = (shapeOf, input) =>
                [Lists(boxes.Name, scores.Name, labels.Name, shapeOf(scores.Name).Count, BoxRules.Corners(input.Width, input.Height))],
        };
    }

    /// <summary>torchvision's: boxes [n, 4] in pixels of what it was given, labels [n] from 1, scores [n]; normalised inside.</summary>
    public static RecognisedHead? OfTorchvision(HeadFacts facts) => StartsWithConvolution(facts) ? null
        : OfPixels(facts, "torchvision", spec => spec);

    /// <summary>maskrcnn-benchmark's: the same outputs; BGR minus a mean, which the graph leaves to whoever runs it.</summary>
    public static RecognisedHead? OfMaskRcnnBenchmark(HeadFacts facts) => !StartsWithConvolution(facts) ? null
        : OfPixels(facts, "maskrcnn-benchmark", spec => spec with { Channels = ChannelOrder.Bgr, Range = 255, Mean = CaffeMean, Std = [] });

    /// <summary>SSD with an input of 300×300 without decoding: [N, 8732, 4] and [N, 8732, classes + 1].</summary>
    public static RecognisedHead? OfSsd300(HeadFacts facts)
    {
        const int rows = 8732;
        if (facts.Input != new Size(300, 300) || facts.Outputs.Count != 2
            || facts.Outputs.FirstOrDefault(o => o.Rank == 3 && o[1] == rows && o[2] == BoxNumbers) is not { } boxes
            || facts.Outputs.FirstOrDefault(o => o != boxes && o.Rank == 3 && o[1] == rows && o[2] > 1) is not { } scores
            || facts.OperatorsBefore(boxes.Name).Contains("Exp"))
            return null;
        int classes = (int)scores[2] - 1;
        bool hasSoftmax = facts.OperatorsBefore(scores.Name).Contains("Softmax");
        return new RecognisedHead
        {
            Layout = "SSD300",
            Tensors = [boxes.Name, scores.Name],
            Classes = classes,
            Confidence = Confidence,
            Overlap = 0.45,
            // torchvision's SSD300: mean .48235, .45882, .40784 of a white of 1, times 255.
            Preprocessing = spec => spec with { Mean = [0.48235, 0.45882, 0.40784], Std = [1 / 255.0, 1 / 255.0, 1 / 255.0] },
            Levels = (_, input) =>
            [
                new HeadLevel
                {
                    Rows = rows,
                    Classes = ElementColumns.OfRows(scores.Name, scores[2], 1, classes),
                    Background = 1,
                    ClassActivation = hasSoftmax ? ScoreActivation.None : ScoreActivation.Softmax,
                    Box = ElementColumns.OfRows(boxes.Name, BoxNumbers, 0, BoxNumbers),
                    Rule = BoxRules.Prior(PriorBoxes.Ssd300(), input),
                    Cells = PriorBoxes.Ssd300Cells(),
                },
            ],
        };
    }

    /// <summary>Says why boxes, labels and scores are not enough.</summary>
    public static string? Hint(HeadFacts facts) => facts.Outputs.Any(o => o is { Rank: 3, IsInteger: false } && o[2] == BoxNumbers)
        && facts.Outputs.Any(o => o.IsInteger)
            ? "boxes [1, n, 4] may be in pixels or parts of the picture, and nothing in the file says which"
            : null;

    private static RecognisedHead? OfPixels(HeadFacts facts, string layout, Func<InputSpec, InputSpec> preprocessing)
    {
        if (facts.Outputs.FirstOrDefault(o => o is { Rank: 2, IsInteger: false } && o[1] == BoxNumbers) is not { } boxes
            || facts.Outputs.Where(o => o is { Rank: 1, IsInteger: true }).ToArray() is not [var labels]
            || facts.Outputs.Where(o => o is { Rank: 1, IsInteger: false }).ToArray() is not [var scores])
            return null;
        bool masks = facts.Outputs.Any(o => o.Rank == 4), keypoints = facts.Outputs.Any(o => o.Rank == 3);
        return new RecognisedHead
        {
            Layout = layout,
            Tensors = [boxes.Name, scores.Name, labels.Name],
            Confidence = Confidence,
            Preprocessing = preprocessing,
            TakesOnePicture = true,
            Remarks = [.. (masks ? new[] { "its masks are not drawn" } : []),
                .. (keypoints ? new[] { "its keypoints are not drawn" } : [])],
            Levels = (shapeOf, _) => [Lists(boxes.Name, scores.Name, labels.Name, shapeOf(scores.Name).Count, BoxRules.Corners(1, 1))],
        };
    }

    // Class 0 is background.
    private static HeadLevel Lists(string boxes, string scores, string labels, long rows, BoxRule rule) => new()
    {
        Rows = (int)rows,
        Classes = ElementColumns.OfRows(scores, 1, 0, 1),
        Label = ElementColumns.OfRows(labels, 1, 0, 1),
        FirstClass = 1,
        Box = ElementColumns.OfRows(boxes, BoxNumbers, 0, BoxNumbers),
        Rule = rule,
        Coding = BoxCoding.Corners,
    };

    // A graph that normalises does so first.
    private static bool StartsWithConvolution(HeadFacts facts)
    {
        string input = facts.Model.Graph.Inputs.FirstOrDefault()?.Name ?? "";
        string[] readers = [.. facts.Model.Graph.Nodes.Where(node => node.Inputs.Contains(input)).Select(node => node.OpType)];
        if (readers is ["Unsqueeze"])
        {
            OnnxNode first = facts.Model.Graph.Nodes.First(node => node.Inputs.Contains(input));
            readers = [.. facts.Model.Graph.Nodes.Where(node => node.Inputs.Contains(first.Outputs[0])).Select(node => node.OpType)];
        }

        return readers.Contains("Conv");
    }
}
