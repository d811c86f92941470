using System.Collections.Immutable;
using CnnOnnx.Imaging;

namespace CnnOnnx.Detection;

/// <summary>Heads that find faces: YuNet, UltraFace.</summary>
internal static class FaceLayouts
{
    private const int ScoreNumbers = 2, BoxNumbers = 4;

    private static readonly ImmutableArray<string> Face = ["face"];

    private static readonly int[] YuNetStrides = [8, 16, 32];

    /// <summary>YuNet: cls_8, obj_8, bbox_8 and those of strides 16 and 32; kps_8 … are keypoints.</summary>
    public static RecognisedHead? OfYuNet(HeadFacts facts)
    {
        if (YuNetStrides.Any(stride => facts[$"cls_{stride}"] is null || facts[$"obj_{stride}"] is null || facts[$"bbox_{stride}"] is null))
            return null;
        return new RecognisedHead
        {
            Layout = "YuNet",
            Tensors = [.. YuNetStrides.SelectMany(stride => new[] { $"cls_{stride}", $"obj_{stride}", $"bbox_{stride}" })],
            Classes = 1,
            Names = Face,
            // OpenCV starts from 0.9, at which only large faces are left.
            Confidence = 0.6,
            Overlap = 0.3,
            Preprocessing = spec => spec with { Channels = ChannelOrder.Bgr, Range = 255 },
            Remarks = facts["kps_8"] is null ? [] : ["its keypoints (kps_8, kps_16, kps_32) are not drawn"],
            Levels = (shapeOf, input) => [.. YuNetStrides.Select(stride => new HeadLevel
            {
                Rows = (int)(shapeOf($"bbox_{stride}").Count / BoxNumbers),
                Classes = ElementColumns.OfRows($"cls_{stride}", 1, 0, 1),
                Objectness = ElementColumns.OfRows($"obj_{stride}", 1, 0, 1),
                IsGeometricMean = true,
                Box = ElementColumns.OfRows($"bbox_{stride}", BoxNumbers, 0, BoxNumbers),
                Rule = BoxRules.AnchorFree(HeadGrid.Of(stride, input)),
                Cells = HeadCells.OfStride(stride, input),
            })],
        };
    }

    /// <summary>UltraFace: scores [N, n, 2] (background, face) and boxes [N, n, 4], decoded in the graph or not.</summary>
    public static RecognisedHead? OfUltraFace(HeadFacts facts)
    {
        if (facts["scores"] is not { Rank: 3 } scores || facts["boxes"] is not { Rank: 3 } boxes || scores[2] != ScoreNumbers
            || boxes[2] != BoxNumbers || facts.Input is not { } size
            || CountOfPriors(size.Width, size.Height) is var rows && (boxes[1] != rows || scores[1] != rows))
            return null;
        IReadOnlySet<string> scoring = facts.OperatorsBefore(scores.Name);
        bool isDecoded = facts.OperatorsBefore(boxes.Name).Contains("Exp");
        return new RecognisedHead
        {
            Layout = isDecoded ? "UltraFace" : "UltraFace (without decoding)",
            Tensors = [scores.Name, boxes.Name],
            Classes = 1,
            Names = Face,
            Confidence = 0.7,
            Overlap = 0.3,
            Preprocessing = spec => spec with { Range = 255, Mean = [127, 127, 127], Std = [128, 128, 128] },
            Levels = (_, input) =>
            [
                new HeadLevel
                {
                    Rows = CountOfPriors(input.Width, input.Height),
                    Classes = ElementColumns.OfRows(scores.Name, ScoreNumbers, 1, 1),
                    Background = 1,
                    ClassActivation = scoring.Contains("Softmax") ? ScoreActivation.None : ScoreActivation.Softmax,
                    Box = ElementColumns.OfRows(boxes.Name, BoxNumbers, 0, BoxNumbers),
                    Rule = isDecoded ? BoxRules.Corners(input.Width, input.Height)
                        : BoxRules.Prior(PriorBoxes.UltraFace(input.Width, input.Height), input),
                    Coding = isDecoded ? BoxCoding.Corners : BoxCoding.CentreSize,
                    Cells = PriorBoxes.UltraFaceCells(input.Width, input.Height),
                },
            ],
        };
    }

    private static int CountOfPriors(int width, int height) => PriorBoxes.UltraFace(width, height).Count;
}
