using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Heads of the Darknet family: YOLOv2, v3, v4, as their several exporters write them.</summary>
internal static class DarknetLayouts
{
    // Centre, size and objectness in front of the classes.
    private const int Fixed = 5;

    private const double Confidence = 0.25, Overlap = 0.45;

    // In grid cells, of the VOC network.
    private static readonly (double Width, double Height)[] TinyVocAnchors =
        [(1.08, 1.19), (3.42, 4.41), (6.63, 11.38), (9.42, 5.11), (16.62, 10.52)];

    // In pixels, of strides 8, 16 and 32, with their scale_x_y.
    private static readonly (int Stride, double Scale, (double Width, double Height)[] Anchors)[] Yolov4Heads =
    [
        (8, 1.2, [(12, 16), (19, 36), (40, 28)]),
        (16, 1.1, [(36, 75), (76, 55), (72, 146)]),
        (32, 1.05, [(142, 110), (192, 243), (459, 401)]),
    ];

    /// <summary>Raw heads whose anchors the model card says.</summary>
    /// <exception cref="OnnxException">The card speaks of an output that the model does not have, or of another shape.</exception>
    public static RecognisedHead? OfCard(HeadFacts facts)
    {
        if (facts.Card is not { } card)
            return null;
        foreach (AnchoredHead head in card.Heads)
        {
            long expected = head.Anchors.Length * (Fixed + (long)card.Classes);
            HeadOutput output = facts[head.Tensor] ?? throw new OnnxException(facts.Model.Source,
                $"{HeadCard.Key} speaks of an output '{head.Tensor}', but the model's are {facts.Describe()}");
            if (output.Rank != 4 || (output.Dims[1] is { } channels && channels != expected))
                throw new OnnxException(facts.Model.Source, $"{HeadCard.Key} says {head.Anchors.Length} anchors and {card.Classes} classes "
                    + $"of '{head.Tensor}', which takes [N, {expected}, H, W], but it is {output}");
        }

        return new RecognisedHead
        {
            Layout = card.Layout,
            Tensors = [.. card.Heads.Select(head => head.Tensor)],
            Classes = card.Classes,
            Confidence = Confidence,
            Overlap = Overlap,
            Levels = (shapeOf, input) => [.. card.Heads.SelectMany(head =>
                Planes(head, shapeOf(head.Tensor), card.Classes, input, card.ClassActivation))],
        };
    }

    /// <summary>tiny-yolov2 of the model zoo and of WinML: scaling inside, anchors of VOC.</summary>
    public static RecognisedHead? OfTinyYolov2(HeadFacts facts)
    {
        const int classes = 20, channels = 5 * (Fixed + classes);
        if (facts["grid"] is not { Rank: 4 } grid || grid[1] != channels || facts.Model.Graph.Inputs is not [{ Name: "image" }])
            return null;
        return new RecognisedHead
        {
            Layout = "tiny-yolov2",
            Tensors = [grid.Name],
            Classes = classes,
            Confidence = Confidence,
            Overlap = Overlap,
            Preprocessing = spec => spec with { Range = 255 },
            Levels = (shapeOf, input) =>
            {
                TensorShape shape = shapeOf(grid.Name);
                (double x, double y) = ((double)input.Width / shape[3], (double)input.Height / shape[2]);
                var head = new AnchoredHead(grid.Name, (int)x, [.. TinyVocAnchors.Select(a => (a.Width * x, a.Height * y))], 1, false);
                return [.. Planes(head, shape, classes, input, ScoreActivation.Softmax)];
            },
        };
    }

    /// <summary>yolov4 of the model zoo: channels last, [N, H, W, 3, 5 + classes] for strides 8, 16, 32.</summary>
    public static RecognisedHead? OfTensorFlow(HeadFacts facts)
    {
        if (facts.Outputs.Count != 3 || facts.Input is not { } size || !facts.Outputs.All(o => o.Rank == 5 && o[3] == 3 && o[4] > Fixed))
            return null;
        HeadOutput[] heads = [.. Yolov4Heads.Select(head => facts.Outputs.FirstOrDefault(o => o[1] == size.Height / head.Stride))
            .OfType<HeadOutput>()];
        if (heads.Length != 3 || heads.Select(h => h[4]).Distinct().Count() != 1)
            return null;
        int width = (int)heads[0][4];
        return new RecognisedHead
        {
            Layout = "yolov4 (TensorFlow)",
            Tensors = [.. heads.Select(head => head.Name)],
            Classes = width - Fixed,
            Confidence = Confidence,
            Overlap = Overlap,
            Preprocessing = spec => spec with { Resize = ResizeMode.Letterbox, Range = 1 },
            Levels = (shapeOf, input) => [.. heads.SelectMany((head, index) =>
            {
                TensorShape shape = shapeOf(head.Name);
                HeadGrid grid = HeadGrid.Of(shape[2], shape[1], input);
                return Yolov4Heads[index].Anchors.Select((anchor, a) => new HeadLevel
                {
                    Rows = (int)(shape[1] * shape[2]),
                    Classes = new(head.Name, a * width + Fixed, 3 * width, 1, width - Fixed),
                    Objectness = new(head.Name, a * width + 4, 3 * width, 1, 1),
                    Box = new(head.Name, a * width, 3 * width, 1, 4),
                    Rule = BoxRules.Anchored(grid, anchor, Yolov4Heads[index].Scale),
                    Cells = HeadCells.Of(shape[2], shape[1]),
                });
            })],
        };
    }

    /// <summary>yolov3 of the model zoo: it is told a picture's size and gives boxes, scores and the choice that its NMS made.</summary>
    public static RecognisedHead? OfKeras(HeadFacts facts)
    {
        if (facts.Outputs.Count != 3 || !facts.Model.Graph.Inputs.Any(i => i.Name == "image_shape")
            || facts.Outputs.FirstOrDefault(o => o is { Rank: 3, IsInteger: false } && o[2] == 4) is not { } boxes
            || facts.Outputs.FirstOrDefault(o => o.IsInteger && o.Rank is 2 or 3) is not { } indices
            || facts.Outputs.FirstOrDefault(o => o is { Rank: 3, IsInteger: false } && o != boxes) is not { } scores)
            return null;
        var square = new Size(416, 416);
        return new RecognisedHead
        {
            Layout = "yolov3 (Keras)",
            Tensors = [boxes.Name, scores.Name, indices.Name],
            Classes = scores.Dims[1] is { } known ? (int)known : null,
            TakesOnePicture = true,
            Preprocessing = spec => spec with { Size = facts.Input ?? square, Resize = ResizeMode.Letterbox, Range = 1 },
            // Told that the picture is as large as its input, the graph leaves the boxes where they are.
            Others = input => new Dictionary<string, TensorData>
            {
                ["image_shape"] = TensorData.FromArray([(float)input.Height, input.Width], new TensorShape(1, 2)),
            },
            Levels = (shapeOf, _) =>
            {
                TensorShape all = shapeOf(scores.Name);
                return
                [
                    new HeadLevel
                    {
                        Rows = (int)(shapeOf(indices.Name).Count / 3),
                        Chosen = ElementColumns.OfRows(indices.Name, 3, 0, 3),
                        Classes = ElementColumns.OfPlanes(scores.Name, all[2], 0, (int)all[1]),
                        Box = ElementColumns.OfRows(boxes.Name, 4, 0, 4),
                        Rule = BoxRules.CornersYx(1, 1),
                        Coding = BoxCoding.CornersYx,
                    },
                ];
            },
        };
    }

    /// <summary>YOLOv4 of PyTorch: boxes [N, n, 1, 4] as parts of the picture, confs [N, n, classes].</summary>
    public static RecognisedHead? OfBoxesAndConfidences(HeadFacts facts)
    {
        if (facts["boxes"] is not { Rank: 4 } boxes || boxes[2] != 1 || boxes[3] != 4 || facts["confs"] is not { Rank: 3 } scores
            || scores[2] < 1)
            return null;
        return new RecognisedHead
        {
            Layout = "YOLOv4 (boxes and confs)",
            Tensors = [boxes.Name, scores.Name],
            Classes = (int)scores[2],
            Confidence = Confidence,
            Overlap = Overlap,
            Levels = (shapeOf, input) =>
            [
                new HeadLevel
                {
                    Rows = (int)shapeOf(boxes.Name)[1],
                    Classes = ElementColumns.OfRows(scores.Name, scores[2], 0, (int)scores[2]),
                    Box = ElementColumns.OfRows(boxes.Name, 4, 0, 4),
                    Rule = BoxRules.Corners(input.Width, input.Height),
                    Coding = BoxCoding.Corners,
                },
            ],
        };
    }

    /// <summary>Says what raw heads lack: their anchors.</summary>
    public static string? Hint(HeadFacts facts)
    {
        const int anchors = 3;
        bool IsRaw(HeadOutput o) => (o.Rank == 4 && o[1] > anchors * Fixed && o[1] % anchors == 0)
            || (o.Rank == 5 && o[1] == anchors && o[4] > Fixed);
        return facts.Outputs.Count is 2 or 3 && facts.Outputs.All(IsRaw)
            ? "they may be raw YOLO heads, whose anchors are not in the file; a model card says them (cnnonnx.detection: exporting the "
                + ".cfg and .weights of Darknet writes one)"
            : null;
    }

    // A level for each anchor: channel = anchor·(5 + classes) + k.
    private static IEnumerable<HeadLevel> Planes(AnchoredHead head, TensorShape shape, int classes, Size input, ScoreActivation shares)
    {
        long cells = shape[2] * shape[3];
        HeadGrid grid = HeadGrid.Of(shape[3], shape[2], input);
        for (int a = 0; a < head.Anchors.Length; a++)
        {
            int first = a * (Fixed + classes);
            yield return new HeadLevel
            {
                Rows = (int)cells,
                Classes = ElementColumns.OfPlanes(head.Tensor, cells, first + Fixed, classes),
                ClassActivation = head.NewCoordinates ? ScoreActivation.None : shares,
                Objectness = ElementColumns.OfPlanes(head.Tensor, cells, first + 4, 1),
                ObjectnessActivation = head.NewCoordinates ? ScoreActivation.None : ScoreActivation.Sigmoid,
                Box = ElementColumns.OfPlanes(head.Tensor, cells, first, 4),
                Cells = HeadCells.Of(shape[3], shape[2]),
                Rule = head.NewCoordinates ? BoxRules.AnchoredSquares(grid, head.Anchors[a], head.ScaleXy)
                    : BoxRules.Anchored(grid, head.Anchors[a], head.ScaleXy),
            };
        }
    }
}
