using System.Runtime.InteropServices;
using CnnOnnx.Import;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace CnnOnnx.Tests.Import;

/// <summary>Networks of Darknet in ONNX Runtime against OpenCV's own reader of the same two files, on a photograph.</summary>
[TestClass]
public sealed class DarknetRefereeTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // Name, side of the input, values of its file of weights as its makers publish it.
    [TestMethod]
    [DataRow("yolov3-tiny", 96, 8_858_734L)]
    [DataRow("yolov2-tiny", 96, 11_237_145L)]
    [DataRow("tiny", 64, 1_046_488L)]
    public void Read_SmallNetworks_GiveOpenCvsResults(string name, int side, long count) => Compare(name, side, count);

    [TestMethod]
    [TestCategory("Long")]
    [DataRow("yolov3", 128, 62_001_757L)]
    [DataRow("yolov3-spp", 96, 63_052_381L)]
    [DataRow("darknet19", 96, 20_856_776L)]
    [DataRow("darknet53", 96, 41_645_640L)]
    [DataRow("vgg-16", 224, 138_357_544L)]
    public void Read_LargeNetworks_GiveOpenCvsResults(string name, int side, long count) => Compare(name, side, count);

    [TestMethod]
    public void Read_YoloFastestWithItsWeights_GivesOpenCvsHeadsAndKnownSums()
    {
        string weights = SharedData.Require("yolo-fastest", "yolo-fastest-1.1.weights"), cfg = _folder.File("net.cfg");
        DarknetFiles.WriteCfg(SharedData.Require("yolo-fastest", "yolo-fastest-1.1.cfg"), cfg, 320);
        using Mat blob = Blob(320);
        Dictionary<string, (float[] Values, TensorShape Shape)> heads = Run(cfg, weights, blob, out ModelCard card);

        CompareWithOpenCv(cfg, weights, blob, heads, card);
        // Sums that Darknet's own code gives for this picture, by OpenCV's form of BatchNormalization.
        double[] sums = [.. card.Detection!.Heads.Select(head => heads[head.Tensor].Values.Sum(v => Math.Abs((double)v)))];
        Assert.AreEqual(204795.14, sums[0], 0.001 * 204795);
        Assert.AreEqual(764563.0, sums[1], 0.001 * 764563);
    }

    private void Compare(string name, int side, long count)
    {
        string cfg = _folder.File(name + ".cfg"), weights = _folder.File(name + ".weights");
        DarknetFiles.WriteCfg(SharedData.Require("darknet", "cfg", name + ".cfg"), cfg, side);
        Assert.AreEqual(count, DarknetFiles.WriteWeights(cfg, weights));
        using Mat blob = Blob(side);
        CompareWithOpenCv(cfg, weights, blob, Run(cfg, weights, blob, out ModelCard card), card);
    }

    private static void CompareWithOpenCv(string cfg, string weights, Mat blob,
        Dictionary<string, (float[] Values, TensorShape Shape)> outputs, ModelCard card)
    {
        using Net net = CvDnn.ReadNetFromDarknet(cfg, weights)!;
        net.SetInput(blob);
        string?[] names = net.GetUnconnectedOutLayersNames();
        Mat[] results = [.. names.Select(_ => new Mat())];
        try
        {
            net.Forward(results, names.OfType<string>());
            for (int i = 0; i < results.Length; i++)
            {
                float[] theirs = Floats(results[i]);
                float[] ours = card.Detection is { } detection
                    ? Decoded(outputs[detection.Heads[i].Tensor], detection.Heads[i], detection, blob.Size(3))
                    : outputs.Values.Single().Values;
                Assert.HasCount(theirs.Length, ours);
                // OpenCV's own overlap test inside a [region] takes no key of the cfg: what it has put to zero says nothing.
                if (card.Detection is { Layout: "yolov2" })
                {
                    Assert.IsGreaterThan(theirs.Length / 2, theirs.Count(value => value != 0));
                    ours = [.. ours.Zip(theirs, (our, their) => their == 0 ? 0 : our)];
                }

                // Sums of thousands of products in float32, in another order.
                float magnitude = Math.Max(1e-3f, theirs.Max(Math.Abs));
                float difference = theirs.Zip(ours, (a, b) => Math.Abs(a - b)).Max();
                Assert.IsLessThan(2e-4f * Math.Max(1, magnitude), difference, $"{names[i]}, of {magnitude}");
            }
        }
        finally
        {
            foreach (Mat result in results)
                result.Dispose();
        }
    }

    // By the formulas of Darknet's yolo_layer.c and region_layer.c: rows (y·W + x)·A + a of cx, cy, w, h, obj, obj·class.
    private static float[] Decoded((float[] Values, TensorShape Shape) head, DetectionHead card, DetectionCard detection, int inputWidth)
    {
        int anchors = card.Anchors.Length, columns = 5 + detection.Classes, h = (int)head.Shape[2], w = (int)head.Shape[3];
        bool isRegion = detection.Layout == "yolov2";
        float[] rows = new float[anchors * columns * h * w];
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                for (int a = 0; a < anchors; a++)
                {
                    double At(int k) => head.Values[((((a * columns) + k) * h) + y) * w + x];
                    Span<float> row = rows.AsSpan((((y * w) + x) * anchors + a) * columns, columns);
                    double scale = card.ScaleXY, shift = 0.5 * (scale - 1), unit = isRegion ? w : inputWidth, unitY = isRegion ? h
                        : inputWidth;
                    row[0] = (float)((x + (Sigmoid(At(0)) * scale) - shift) / w);
                    row[1] = (float)((y + (Sigmoid(At(1)) * scale) - shift) / h);
                    row[2] = (float)(Math.Exp(At(2)) * card.Anchors[a][0] / unit);
                    row[3] = (float)(Math.Exp(At(3)) * card.Anchors[a][1] / unitY);
                    row[4] = (float)Sigmoid(At(4));
                    double sum = isRegion ? Enumerable.Range(5, detection.Classes).Sum(k => Math.Exp(At(k))) : 0;
                    for (int k = 5; k < columns; k++)
                        row[k] = (float)(row[4] * (isRegion ? Math.Exp(At(k)) / sum : Sigmoid(At(k))));
                }

        return rows;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private Dictionary<string, (float[] Values, TensorShape Shape)> Run(string cfg, string weights, Mat blob, out ModelCard card)
    {
        string path = _folder.File("net.onnx");
        using (WeightedModel model = DarknetNetwork.Read(cfg, weights))
            model.Save(path);
        var read = OnnxModel.Read(path);
        card = read.Card;
        float[] pixels = Floats(blob);
        using var session = ActivationSession.Open(read, new() { Tensors = [.. read.Graph.Outputs.Select(o => o.Name)] });
        using Activations seen = session.Run(TensorData.FromArray(pixels, new TensorShape(1, 3, blob.Size(2), blob.Size(3))));
        return seen.ToDictionary(a => a.Name, a => (a.Values.ToArray(), a.Shape));
    }

    private static float[] Floats(Mat mat)
    {
        Assert.IsTrue(mat.IsContinuous());
        float[] floats = new float[mat.Total() * mat.Channels()];
        Marshal.Copy(mat.Data, floats, 0, floats.Length);
        return floats;
    }

    private static Mat Blob(int side)
    {
        using var dog = Cv2.ImRead(SharedData.Require("darknet", "data", "dog.jpg"));
        return CvDnn.BlobFromImage(dog, 1 / 255.0, new Size(side, side), default, swapRB: true, crop: false);
    }
}
