using System.Collections.Immutable;
using CnnOnnx.Imaging;

namespace CnnOnnx.Detection;

/// <summary>Heads of ultralytics' networks and of those that follow them. RGB, 0 to 1, letterbox in grey.</summary>
internal static class UltralyticsLayouts
{
    // Centre and size; with the objectness of v3 and v5 one more.
    private const int BoxNumbers = 4, Fixed = 5;

    private const int MaskNumbers = 32, MostChosen = 1000;

    // Keypoints of COCO's persons: 4 + 1 class + 51 numbers.
    private const int AmbiguousPose = 56;

    // Strides of the networks: usual, with one for larger pictures, with one for small objects.
    private static readonly int[][] Strides = [[8, 16, 32], [8, 16, 32, 64], [4, 8, 16, 32]];

    /// <summary>v3, v5 and YOLOv7: [N, 3·cells, 5 + classes], boxes in pixels, sigmoid inside.</summary>
    public static RecognisedHead? OfRows(HeadFacts facts)
    {
        if (First(facts) is not { Rank: 3 } output || output[2] <= Fixed || !IsCells(facts, output[1], boxes: 3)
            || !IsDecoded(facts, output.Name))
            return null;
        bool masks = HasMasks(facts);
        int classes = (int)output[2] - Fixed - (masks ? MaskNumbers : 0);
        if (classes < 1 || (facts.Exporter is { } exporter && exporter.Names.Length != classes))
            return null;
        return Usual(facts, "ultralytics v5 rows", output.Name, masks ? ["its masks are not drawn"] : []) with
        {
            Classes = classes,
            Overlap = 0.45,
            Levels = (shapeOf, input) =>
            [
                new HeadLevel
                {
                    Rows = (int)shapeOf(output.Name)[1],
                    Classes = ElementColumns.OfRows(output.Name, output[2], Fixed, classes),
                    Objectness = ElementColumns.OfRows(output.Name, output[2], BoxNumbers, 1),
                    Box = ElementColumns.OfRows(output.Name, output[2], 0, BoxNumbers),
                    Rule = BoxRules.CentreSize(1, 1),
                    Cells = HeadCells.OfStrides(Strides, input, anchors: 3, shapeOf(output.Name)[1]),
                },
            ],
        };
    }

    /// <summary>v8, v9, v11, v12: [N, 4 + classes, cells], boxes in pixels, sigmoid inside, no objectness.</summary>
    public static RecognisedHead? OfPlanes(HeadFacts facts)
    {
        if (First(facts) is not { Rank: 3 } output || output[1] <= BoxNumbers)
            return null;
        bool masks = HasMasks(facts);
        int keypoints = facts.Exporter?.Keypoints ?? 0;
        long classes = output[1] - BoxNumbers - (masks ? MaskNumbers : 0) - keypoints;
        bool isKnown = facts.KnownClasses == classes;
        // Where both axes are numbers of cells, rows are more usual than so many classes.
        bool isPlanes = facts.Exporter is null && IsCells(facts, output[2], boxes: 1) && !IsCells(facts, output[1], boxes: 1);
        if (classes < 1 || !(isKnown || isPlanes)
            || (output[1] == AmbiguousPose && !isKnown))
            return null;
        return Usual(facts, "ultralytics v8 planes", output.Name, Unseen(masks, keypoints > 0)) with
        {
            Classes = (int)classes,
            Overlap = 0.7,
            Levels = (shapeOf, input) =>
            [
                new HeadLevel
                {
                    Rows = (int)shapeOf(output.Name)[2],
                    Classes = ElementColumns.OfPlanes(output.Name, shapeOf(output.Name)[2], BoxNumbers, (int)classes),
                    Box = ElementColumns.OfPlanes(output.Name, shapeOf(output.Name)[2], 0, BoxNumbers),
                    Rule = BoxRules.CentreSize(1, 1),
                    Cells = HeadCells.OfStrides(Strides, input, anchors: 1, shapeOf(output.Name)[2]),
                },
            ],
        };
    }

    /// <summary>v10, v26, and exports with nms=True: [N, 300, 6], each row x1, y1, x2, y2, score, class.</summary>
    public static RecognisedHead? OfEndToEnd(HeadFacts facts)
    {
        const int width = 6;
        if (First(facts) is not { Rank: 3 } output || output[1] is < 1 or > MostChosen)
            return null;
        bool masks = HasMasks(facts);
        int keypoints = facts.Exporter?.Keypoints ?? 0;
        if (output[2] != width + (masks ? MaskNumbers : 0) + keypoints || IsTransformer(facts, output))
            return null;
        // Without metadata the graph has to show that it joins boxes, scores and classes.
        if (facts.Exporter is null && facts.JoinedAt(output.Name) < 3)
            return null;
        return Usual(facts, "ultralytics end to end", output.Name, Unseen(masks, keypoints > 0)) with
        {
            Classes = facts.Exporter?.Names.Length,
            Levels = (shapeOf, _) => [Chosen(output.Name, shapeOf(output.Name)[1], output[2], box: 0, score: 4, label: 5)],
        };
    }

    /// <summary>YOLOv7 with NMS inside: [n, 7], each row batch, x1, y1, x2, y2, class, score.</summary>
    public static RecognisedHead? OfYolov7EndToEnd(HeadFacts facts)
    {
        if (facts.Outputs is not [{ Rank: 2 } output] || output[1] != 7
            || !facts.Model.Graph.Nodes.Any(node => node.OpType == "NonMaxSuppression"))
            return null;
        return Usual(facts, "YOLOv7 end to end", output.Name, []) with
        {
            TakesOnePicture = true,
            Levels = (shapeOf, _) => [Chosen(output.Name, shapeOf(output.Name)[0], 7, box: 1, score: 6, label: 5)],
        };
    }

    /// <summary>RT-DETR: [N, 300, 4 + classes], centre and size as parts of the picture, sigmoid inside, stretched pictures.</summary>
    public static RecognisedHead? OfTransformer(HeadFacts facts)
    {
        if (First(facts) is not { Rank: 3 } output || !IsTransformer(facts, output))
            return null;
        int classes = (int)output[2] - BoxNumbers;
        return Usual(facts, "RT-DETR", output.Name, []) with
        {
            Classes = classes,
            Preprocessing = spec => Sized(facts, spec) with { Resize = ResizeMode.Stretch },
            Levels = (shapeOf, input) =>
            [
                new HeadLevel
                {
                    Rows = (int)shapeOf(output.Name)[1],
                    Classes = ElementColumns.OfRows(output.Name, output[2], BoxNumbers, classes),
                    Box = ElementColumns.OfRows(output.Name, output[2], 0, BoxNumbers),
                    Rule = BoxRules.CentreSize(input.Width, input.Height),
                },
            ],
        };
    }

    /// <summary>Says what a model of the family is when it does not find upright boxes; null when it does, or is another's.</summary>
    public static string? OtherTask(HeadFacts facts) => facts.Exporter?.Task switch
    {
        "classify" => "its metadata says that it tells classes apart (task classify)",
        "obb" => "its metadata says that its boxes are turned (task obb), and only upright ones are read",
        _ => null,
    };

    /// <summary>Says what could be two things, and what would tell them apart.</summary>
    public static string? Hint(HeadFacts facts)
    {
        if (First(facts) is not { Rank: 3 } output)
            return null;
        if (output[1] == AmbiguousPose && facts.KnownClasses is null)
            return "56 may be 4 + 52 classes, or 4 + 1 + 17 keypoints; the names of the classes tell them apart";
        if (facts.Exporter is { } exporter && (output[1] > BoxNumbers || output[2] > BoxNumbers))
            return $"its metadata names {exporter.Names.Length} classes, which take [N, {BoxNumbers + exporter.Names.Length}, cells], "
                + $"[N, rows, {Fixed + exporter.Names.Length}] or [N, 300, 6]";
        if (output[2] == 6 && output[1] is > 0 and <= MostChosen)
            return "[N, n, 6] may be x1, y1, x2, y2, score, class, or RT-DETR with two classes, and neither metadata nor the graph says "
                + "which";
        return facts.Input is not null && output[2] > Fixed && IsCells(facts, output[1], boxes: 3)
            ? "[N, 3·cells, 5 + classes] whose boxes the graph does not decode needs anchors, which are not in the file; export with the "
                + "decoding inside"
            : null;
    }

    private static HeadLevel Chosen(string tensor, long rows, long width, int box, int score, int label) => new()
    {
        Rows = (int)rows,
        Classes = ElementColumns.OfRows(tensor, width, score, 1),
        Label = ElementColumns.OfRows(tensor, width, label, 1),
        Box = ElementColumns.OfRows(tensor, width, box, BoxNumbers),
        Rule = BoxRules.Corners(1, 1),
        Coding = BoxCoding.Corners,
    };

    private static RecognisedHead Usual(HeadFacts facts, string layout, string tensor, ImmutableArray<string> remarks) => new()
    {
        Layout = layout,
        Tensors = [tensor],
        Levels = (_, _) => [],
        Preprocessing = spec => Sized(facts, spec) with { Resize = ResizeMode.Letterbox },
        Remarks = remarks,
    };

    // The size that the exporter says holds where the graph leaves it open.
    private static InputSpec Sized(HeadFacts facts, InputSpec spec) => facts.HasOpenSize && facts.Exporter?.Size is { } size
        ? spec with { Size = size }
        : spec;

    private static HeadOutput? First(HeadFacts facts) =>
        facts["output0"] ?? facts["output"] ?? facts.Outputs.FirstOrDefault(o => o is { Rank: 3, IsInteger: false });

    // [N, 32, h, w] beside the boxes: what their masks are mixed of.
    private static bool HasMasks(HeadFacts facts) => facts.Outputs.Any(o => o.Rank == 4 && o[1] == MaskNumbers);

    private static bool IsCells(HeadFacts facts, long rows, int boxes) =>
        rows > 0 && Array.Exists(Strides, strides => facts.Cells(strides) * boxes == rows);

    private static bool IsDecoded(HeadFacts facts, string output) => facts.OperatorsBefore(output).Overlaps(["Mul", "Pow", "Exp"]);

    private static bool IsTransformer(HeadFacts facts, HeadOutput output) => output[1] == 300 && facts.Exporter is { } exporter
        && output[2] == BoxNumbers + exporter.Names.Length && (exporter.Names.Length != 2 || facts.JoinedAt(output.Name) == 2);

    private static ImmutableArray<string> Unseen(bool masks, bool keypoints) =>
        [.. (masks ? new[] { "its masks are not drawn" } : []), .. (keypoints ? new[] { "its keypoints are not drawn" } : [])];
}
