using System.Globalization;
using System.Runtime.InteropServices;
using CnnOnnx.Detection;
using CnnOnnx.Tests.Support;
using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace CnnOnnx.Tests.Detection;

/// <summary>Each way in which Darknet codes boxes, on a network of one convolution with random weights: OpenCV decodes it, too.</summary>
[TestClass]
public sealed class DarknetHeadRefereeTests
{
    private const int Width = 96, Height = 64, Stride = 32, Classes = 4, Anchors = 3, Channels = Anchors * (5 + Classes);

    // OpenCV computes in float32: 1e-6 of 96 pixels and of a share, more where e to the power of something is large.
    private const double Pixels = 1e-3, Share = 2e-6;

    [TestMethod]
    [DataRow("yolo", "linear", "", "yolov3", "")]
    [DataRow("yolo", "linear", "scale_x_y=1.2", "yolov4", ",\"scale_x_y\":1.2")]
    [DataRow("yolo", "logistic", "scale_x_y=2\nnew_coords=1", "yolov4", ",\"scale_x_y\":2,\"new_coords\":true")]
    [DataRow("region", "linear", "softmax=1\ncoords=4\nclassfix=0", "yolov2", "")]
    public void EveryCell_IsDecodedAsByOpenCv(string section, string activation, string keys, string layout, string card)
    {
        double unit = section == "region" ? Stride : 1;
        string[] anchors = [.. new[] { (20, 30), (44, 18), (70, 50) }.Select(a =>
            string.Create(CultureInfo.InvariantCulture, $"{a.Item1 / unit},{a.Item2 / unit}"))];
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("net.cfg"), $"""
            [net]
            width={Width}
            height={Height}
            channels=3

            [convolutional]
            filters={Channels}
            size={Stride}
            stride={Stride}
            pad=0
            activation={activation}

            [{section}]
            mask=0,1,2
            anchors={string.Join(", ", anchors)}
            classes={Classes}
            num={Anchors}
            thresh=0
            nms_threshold=0
            {keys}
            """);
        using (var weights = new BinaryWriter(File.Create(folder.File("net.weights"))))
        {
            var random = new Random(7);
            foreach (int number in new[] { 0, 2, 0, 0, 0 })
                weights.Write(number);
            for (int i = 0; i < Channels; i++)
                weights.Write(random.NextSingle() - 0.5f);
            for (int i = 0; i < Channels * 3 * Stride * Stride; i++)
                weights.Write((random.NextSingle() - 0.5f) * 0.08f);
        }

        using Net net = CvDnn.ReadNetFromDarknet(folder.File("net.cfg"), folder.File("net.weights"))!;
        string[] names = [.. net.GetLayerNames().OfType<string>()];
        string raw = names.Last(name => name.StartsWith(activation == "linear" ? "conv" : "logistic", StringComparison.Ordinal));
        using var picture = new Mat(Height, Width, MatType.CV_8UC3);
        Cv2.SetTheRNG(3);
        Cv2.Randu(picture, Scalar.All(0), Scalar.All(255));
        using Mat blob = CvDnn.BlobFromImage(picture, 1 / 255.0, new Size(Width, Height), swapRB: true, crop: false);
        net.SetInput(blob);
        using var head = new Mat();
        using var rows = new Mat();
        net.Forward([head, rows], [raw, names[^1]]);

        var graph = new HeadGraph([1, 3, Height, Width]).Emit("head", Values(head), [1, Channels, Height / Stride, Width / Stride]);
        graph.Metadata["cnnonnx.detection"] = $$"""
            {"layout":"{{layout}}","classes":{{Classes}},"heads":[{"tensor":"head","stride":{{Stride}},"anchors":[[{{string.Join("],[", anchors)}}]]{{card}}}]}
            """;
        Detections found = graph.Detect(picture.Size(), new DetectorOptions { Confidence = 0, Overlap = 1 });

        float[] decoded = Values(rows);
        Assert.HasCount(Height / Stride * (Width / Stride) * Anchors, found.Boxes);
        int scored = 0;
        foreach (DetectedBox box in found.Boxes)
            scored += AssertIsRow(decoded.AsSpan(RowOf(box) * (5 + Classes), 5 + Classes), box, hasAllShares: section == "yolo") ? 1 : 0;
        Assert.IsGreaterThan(2, scored);
    }

    private static bool AssertIsRow(ReadOnlySpan<float> row, DetectedBox box, bool hasAllShares)
    {
        double x = row[0] * Width, y = row[1] * Height, width = row[2] * Width, height = row[3] * Height;
        float score = row[5 + box.Class];
        // In [region] OpenCV suppresses whatever is asked, and sets to 0 what it dropped.
        Assert.IsTrue(score > 0 || !hasAllShares, box.ToString());
        BoxAssert.Is(box, box.Class, score > 0 ? score : box.Score, Math.Max(0, x - width / 2), Math.Max(0, y - height / 2),
            Math.Min(Width, x + width / 2), Math.Min(Height, y + height / 2), Pixels, Share);
        foreach (float other in row[5..])
            Assert.IsTrue(other <= box.Score + Share, "the best class is another");
        return score > 0;
    }

    // OpenCV's rows go cell by cell, the anchors of a cell one after another.
    private static int RowOf(DetectedBox box)
    {
        const int cells = Height / Stride * (Width / Stride);
        (long channel, long cell) = Math.DivRem(box.Origin.Class.Elements[0], cells);
        return (int)(cell * Anchors + channel / (5 + Classes));
    }

    private static float[] Values(Mat output)
    {
        float[] values = new float[output.Total()];
        Marshal.Copy(output.Data, values, 0, values.Length);
        return values;
    }
}
