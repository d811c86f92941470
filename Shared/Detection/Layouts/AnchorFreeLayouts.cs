using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Heads with one box for each cell: YOLOX, YOLOv6, NanoDet, FastestDet.</summary>
internal static class AnchorFreeLayouts
{
    private const int Fixed = 5;

    // NanoDet: bins of each of the four distances.
    private const int Bins = 8, DistanceNumbers = 4 * Bins;

    private static readonly ImmutableArray<int> Strides = [8, 16, 32], NanoDetStrides = [8, 16, 32, 64];

    // Of ImageNet's pictures in the order of OpenCV's channels.
    private static readonly ImmutableArray<double> NanoDetMean = [103.53, 116.28, 123.675], NanoDetStd = [57.375, 57.12, 58.395];

    /// <summary>YOLOX: [N, cells, 5 + classes]; boxes in cells and logarithms, or in pixels where the graph decodes them.</summary>
    public static RecognisedHead? OfYolox(HeadFacts facts)
    {
        if (CellRows(facts) is not { } output)
            return null;
        IReadOnlySet<string> operators = facts.OperatorsBefore(output.Name);
        bool isDecoded = operators.Contains("Exp");
        if (!isDecoded && operators.Overlaps(["Mul", "Sub"]))
            return null;
        return OfRows(output, isDecoded ? "YOLOX (decoded)" : "YOLOX", isDecoded) with
        {
            Overlap = 0.45,
            Preprocessing = spec => spec with { Channels = ChannelOrder.Bgr, Range = 255, Resize = ResizeMode.LetterboxTopLeft },
        };
    }

    /// <summary>YOLOv6: [N, cells, 5 + classes] with boxes in pixels.</summary>
    public static RecognisedHead? OfYolov6(HeadFacts facts)
    {
        if (CellRows(facts) is not { } output || facts.OperatorsBefore(output.Name) is var operators
            && (operators.Contains("Exp") || !operators.Overlaps(["Mul", "Sub"])))
            return null;
        return OfRows(output, "YOLOv6", isDecoded: true) with
        {
            Overlap = 0.45,
            Preprocessing = spec => spec with { Resize = ResizeMode.Letterbox },
        };
    }

    /// <summary>NanoDet-Plus: [N, cells of four strides, classes + 32].</summary>
    public static RecognisedHead? OfNanoDetPlus(HeadFacts facts)
    {
        if (facts.Outputs is not [{ Rank: 3, IsInteger: false } output] || output[2] <= DistanceNumbers
            || facts.Cells(NanoDetStrides.AsSpan()) != output[1])
            return null;
        int classes = (int)output[2] - DistanceNumbers;
        return NanoDet("NanoDet-Plus", [output.Name], classes) with
        {
            Levels = (_, input) => OfStrides(NanoDetStrides, input, (stride, rows, first) => new HeadLevel
            {
                Rows = rows,
                Classes = ElementColumns.OfRows(output.Name, output[2], 0, classes, first),
                Box = ElementColumns.OfRows(output.Name, output[2], classes, DistanceNumbers, first),
                Rule = BoxRules.Distances(HeadGrid.Of(stride, input), Bins, offset: 0),
                Coding = BoxCoding.Distances,
            }),
        };
    }

    /// <summary>NanoDet's first version: cls_pred_stride_8 … and dis_pred_stride_8 …</summary>
    public static RecognisedHead? OfNanoDet(HeadFacts facts)
    {
        string[] scores = [.. Strides.Select(stride => $"cls_pred_stride_{stride}")];
        string[] boxes = [.. Strides.Select(stride => $"dis_pred_stride_{stride}")];
        if (scores.Concat(boxes).Any(name => facts[name] is not { Rank: 3 }) || facts[scores[0]]![2] < 1
            || boxes.Any(name => facts[name]![2] != DistanceNumbers))
            return null;
        int classes = (int)facts[scores[0]]![2];
        return NanoDet("NanoDet", [.. scores, .. boxes], classes) with
        {
            Levels = (_, input) => OfStrides(Strides, input, (stride, rows, _) => new HeadLevel
            {
                Rows = rows,
                Classes = ElementColumns.OfRows($"cls_pred_stride_{stride}", classes, 0, classes),
                Box = ElementColumns.OfRows($"dis_pred_stride_{stride}", DistanceNumbers, 0, DistanceNumbers),
                Rule = BoxRules.Distances(HeadGrid.Of(stride, input), Bins, offset: 0.5),
                Coding = BoxCoding.Distances,
            }),
        };
    }

    /// <summary>FastestDet: [N, 5 + classes, H, W] of stride 16; sigmoid of the objectness and softmax of the classes inside.</summary>
    public static RecognisedHead? OfFastestDet(HeadFacts facts)
    {
        const int stride = 16;
        if (facts.Outputs is not [{ Rank: 4 } output] || output[1] <= Fixed || facts.Input is not { } size
            || output[2] * stride != size.Height || output[3] * stride != size.Width
            || !facts.OperatorsBefore(output.Name).IsSupersetOf(["Sigmoid", "Softmax", "Concat"]))
            return null;
        int classes = (int)output[1] - Fixed;
        return new RecognisedHead
        {
            Layout = "FastestDet",
            Tensors = [output.Name],
            Classes = classes,
            Confidence = 0.5,
            Overlap = 0.35,
            AcrossClasses = true,
            Preprocessing = spec => spec with { Channels = ChannelOrder.Bgr },
            Levels = (shapeOf, input) =>
            {
                TensorShape shape = shapeOf(output.Name);
                long cells = shape[2] * shape[3];
                return
                [
                    new HeadLevel
                    {
                        Rows = (int)cells,
                        Classes = ElementColumns.OfPlanes(output.Name, cells, Fixed, classes),
                        Objectness = ElementColumns.OfPlanes(output.Name, cells, 0, 1),
                        Box = ElementColumns.OfPlanes(output.Name, cells, 1, 4),
                        Rule = BoxRules.Tangent(HeadGrid.Of(shape[3], shape[2], input), input),
                        Cells = HeadCells.Of(shape[3], shape[2]),
                    },
                ];
            },
        };
    }

    /// <summary>Says what helps when the rows fit no grid because the size of the input is not known.</summary>
    public static string? Hint(HeadFacts facts) => facts.Input is null && facts.Outputs.Any(o => o.Rank == 3)
        ? "the model leaves the size of its input open; say the one that it was trained with"
        : null;

    private static HeadOutput? CellRows(HeadFacts facts) =>
        facts.Outputs is [{ Rank: 3, IsInteger: false } output] && output[2] > Fixed && facts.Cells(Strides.AsSpan()) == output[1]
            ? output : null;

    private static RecognisedHead OfRows(HeadOutput output, string layout, bool isDecoded)
    {
        int classes = (int)output[2] - Fixed;
        return new RecognisedHead
        {
            Layout = layout,
            Tensors = [output.Name],
            Classes = classes,
            Levels = (_, input) => OfStrides(Strides, input, (stride, rows, first) => new HeadLevel
            {
                Rows = rows,
                Classes = ElementColumns.OfRows(output.Name, output[2], Fixed, classes, first),
                Objectness = ElementColumns.OfRows(output.Name, output[2], 4, 1, first),
                Box = ElementColumns.OfRows(output.Name, output[2], 0, 4, first),
                Rule = isDecoded ? BoxRules.CentreSize(1, 1) : BoxRules.AnchorFree(HeadGrid.Of(stride, input)),
            }),
        };
    }

    private static RecognisedHead NanoDet(string layout, IReadOnlyList<string> tensors, int classes) => new()
    {
        Layout = layout,
        Tensors = tensors,
        Classes = classes,
        Confidence = 0.35,
        Overlap = 0.6,
        Levels = (_, _) => [],
        Preprocessing = spec => spec with { Channels = ChannelOrder.Bgr, Range = 255, Mean = NanoDetMean, Std = NanoDetStd },
    };

    private static HeadLevel[] OfStrides(ImmutableArray<int> strides, Size input, Func<int, int, int, HeadLevel> level)
    {
        var levels = new HeadLevel[strides.Length];
        int first = 0;
        for (int i = 0; i < levels.Length; i++)
        {
            int rows = HeadGrid.Cells([strides[i]], input);
            levels[i] = level(strides[i], rows, first) with { Cells = HeadCells.OfStride(strides[i], input) };
            first += rows;
        }

        return levels;
    }
}
