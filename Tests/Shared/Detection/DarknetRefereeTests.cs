using System.Globalization;
using System.Runtime.InteropServices;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace CnnOnnx.Tests.Detection;

/// <summary>yolo-fastest: OpenCV reads the Darknet files, runs them and decodes their heads; ours decodes OpenCV's raw heads.</summary>
[TestClass]
public sealed class DarknetRefereeTests
{
    private const int Side = 320, Classes = 80, Anchors = 3;

    private static readonly (string Raw, string Decoded, int Stride, string Anchors)[] Heads =
    [
        ("conv_120", "yolo_121", 32, "[[115,73],[119,199],[242,238]]"),
        ("conv_129", "yolo_130", 16, "[[12,18],[37,49],[52,132]]"),
    ];

    // OpenCV's exp and sigmoid are float32: 1e-6 of a share, and of 320 pixels.
    private const double Pixels = 1e-3, Share = 2e-6;

    [TestMethod]
    public void YoloFastest_EveryCell_IsDecodedAsByOpenCv()
    {
        using Run run = Run.OnDog();

        Detections found = run.Detect(new DetectorOptions { Confidence = 0, Overlap = 1, MaxBoxes = 2000 });

        // All cells but those whose boxes lie outside.
        Assert.IsGreaterThan(1450, found.Boxes.Length);
        foreach (DetectedBox box in found.Boxes)
            run.AssertIsOpenCvs(box);
    }

    [TestMethod]
    public void YoloFastest_AfterSuppression_IsOpenCvsChoice()
    {
        using Run run = Run.OnDog();

        Detections found = run.Detect(new DetectorOptions { Confidence = 0.25, Overlap = 0.45 });

        CollectionAssert.AreEqual(run.ChosenByOpenCv(0.25f, 0.45f),
            found.Boxes.Select(box => Run.RowOf(box)).ToArray());
        // From OpenCV 4.6 in Python on the same files.
        CollectionAssert.AreEqual(
            new[] { "car 0.897", "dog 0.654", "cat 0.567", "bicycle 0.529", "car 0.444", "bicycle 0.313", "person 0.312" },
            found.Boxes.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Label} {b.Score:0.000}")).ToArray());
    }

    private sealed class Run : IDisposable
    {
        private readonly Mat[] _outputs;
        private readonly Mat _picture;

        private Run(Mat picture, Mat[] outputs) => (_picture, _outputs) = (picture, outputs);

        public static Run OnDog()
        {
            using var folder = new TemporaryFolder();
            // Without them OpenCV leaves out what scores little, and suppresses inside each head.
            string cfg = File.ReadAllText(SharedData.Require("yolo-fastest", "yolo-fastest-1.1.cfg"))
                .Replace("[yolo]", "[yolo]\nthresh=0\nnms_threshold=0", StringComparison.Ordinal);
            File.WriteAllText(folder.File("net.cfg"), cfg);
            string weights = SharedData.Require("yolo-fastest", "yolo-fastest-1.1.weights");
            using Net net = CvDnn.ReadNetFromDarknet(folder.File("net.cfg"), weights)!;
            Mat picture = PictureFile.Read(SharedData.Require("darknet", "data", "dog.jpg"));
            using Mat blob = CvDnn.BlobFromImage(picture, 1 / 255.0, new Size(Side, Side), swapRB: true, crop: false);
            net.SetInput(blob);
            Mat[] outputs = [.. Enumerable.Range(0, 2 * Heads.Length).Select(_ => new Mat())];
            net.Forward(outputs, Heads.SelectMany(head => new[] { head.Raw, head.Decoded }));
            return new Run(picture, outputs);
        }

        public Detections Detect(DetectorOptions options)
        {
            var graph = new HeadGraph([1, 3, Side, Side]);
            for (int i = 0; i < Heads.Length; i++)
            {
                int cells = Side / Heads[i].Stride;
                graph.Emit(Heads[i].Raw, Values(_outputs[2 * i]), [1, Anchors * (5 + Classes), cells, cells]);
            }

            string heads = string.Join(",", Heads.Select(head =>
                $$"""{"tensor":"{{head.Raw}}","stride":{{head.Stride}},"anchors":{{head.Anchors}}}"""));
            graph.Metadata["cnnonnx.detection"] = $$"""{"layout":"yolov3","classes":{{Classes}},"heads":[{{heads}}]}""";
            using Detector detector = Detector.Open(graph.Build(), options with { Labels = CocoClasses.Names });
            return detector.Detect(_picture);
        }

        public void AssertIsOpenCvs(DetectedBox box)
        {
            (int head, int row) = RowOf(box);
            float[] numbers = Row(head, row);
            double x = numbers[0] * _picture.Width, y = numbers[1] * _picture.Height;
            double width = numbers[2] * _picture.Width, height = numbers[3] * _picture.Height;
            BoxAssert.Is(box, BestOf(numbers), numbers[5..].Max(), Math.Max(0, x - width / 2), Math.Max(0, y - height / 2),
                Math.Min(_picture.Width, x + width / 2), Math.Min(_picture.Height, y + height / 2), Pixels, Share);
        }

        /// <summary>Head and row of what OpenCV's NMS keeps, class by class, from the best on.</summary>
        public (int Head, int Row)[] ChosenByOpenCv(float confidence, float overlap)
        {
            var rows = new List<(int Head, int Row, float[] Numbers)>();
            for (int head = 0; head < Heads.Length; head++)
                for (int row = 0; row < _outputs[2 * head + 1].Size(0); row++)
                    rows.Add((head, row, Row(head, row)));
            var kept = new List<(int Head, int Row, float Score)>();
            foreach (var category in rows.Where(r => r.Numbers[5..].Max() > confidence).GroupBy(r => BestOf(r.Numbers)))
            {
                (int Head, int Row, float[] Numbers)[] own = [.. category];
                CvDnn.NMSBoxes(own.Select(r => new Rect2d(r.Numbers[0] - r.Numbers[2] / 2, r.Numbers[1] - r.Numbers[3] / 2, r.Numbers[2],
                    r.Numbers[3])), own.Select(r => r.Numbers[5..].Max()), confidence, overlap, out int[] indices);
                kept.AddRange(indices.Select(i => (own[i].Head, own[i].Row, own[i].Numbers[5..].Max())));
            }

            return [.. kept.OrderByDescending(k => k.Score).Select(k => (k.Head, k.Row))];
        }

        /// <summary>OpenCV's row of a box: cell by cell, the anchors of a cell one after another.</summary>
        public static (int Head, int Row) RowOf(DetectedBox box)
        {
            int head = Array.FindIndex(Heads, h => h.Raw == box.Origin.Class.Tensor);
            int cells = Side / Heads[head].Stride * (Side / Heads[head].Stride);
            (long channel, long cell) = Math.DivRem(box.Origin.Class.Elements[0], cells);
            return (head, (int)(cell * Anchors + channel / (5 + Classes)));
        }

        public void Dispose()
        {
            _picture.Dispose();
            foreach (Mat output in _outputs)
                output.Dispose();
        }

        private static int BestOf(float[] numbers) => Array.IndexOf(numbers, numbers[5..].Max(), 5) - 5;

        private float[] Row(int head, int row) => Values(_outputs[2 * head + 1]).AsSpan(row * (5 + Classes), 5 + Classes).ToArray();

        private static float[] Values(Mat output)
        {
            float[] values = new float[output.Total()];
            Marshal.Copy(output.Data, values, 0, values.Length);
            return values;
        }
    }
}
