using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>Inputs and tensors other than [N, 3, H, W] of float32, and files other than one .onnx.</summary>
[TestClass]
public sealed class UnusualModelTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow(ElementType.Float)]
    [DataRow(ElementType.Double)]
    [DataRow(ElementType.Float16)]
    [DataRow(ElementType.UInt8)]
    [DataRow(ElementType.Int8)]
    [DataRow(ElementType.Int32)]
    public void Run_InputOfAnyType_GetsThePicture(ElementType type)
    {
        using var session = ActivationSession.Open(Identity(type, 1, 3, 2, 2), new() { Preprocessing = spec => spec with { Range = 255 } });
        using Mat picture = new(2, 2, MatType.CV_8UC3, new Scalar(10, 20, 30));
        using Activations seen = session.Run(picture);
        // RGB of a picture that is BGR.
        CollectionAssert.AreEqual(new float[] { 30, 30, 30, 30, 20, 20, 20, 20, 10, 10, 10, 10 }, seen["y"].Values.ToArray());
        Assert.AreEqual(type, seen["y"].ElementType);
    }

    [TestMethod]
    public void Run_ChannelsLast_IsTransposed()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, 1, 2, 3, 3),
            new() { Preprocessing = spec => spec with { Range = 255 } });
        using Mat picture = TestPictures.Noise(2, 3);
        using Activations seen = session.Run(picture);
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 3; x++)
                for (int c = 0; c < 3; c++)
                    Assert.AreEqual(picture.At<Vec3b>(y, x)[2 - c], seen["y"].Values[(y * 3 + x) * 3 + c]);
    }

    [TestMethod]
    public void Run_FlatInput_TakesThePictureRowByRow()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, "N", 16),
            new() { Preprocessing = spec => spec with { Range = 255 } });
        using Mat picture = new(4, 4, MatType.CV_8UC3, new Scalar(7, 7, 7));
        using Activations seen = session.Run(picture);
        Assert.AreEqual("[1, 16]", seen["y"].Shape.ToString());
        Assert.AreEqual(7f, seen["y"].Values[15]);
    }

    // OpenCV changes size and colours of three depths only; the others come to the same numbers by way of real ones.
    [TestMethod]
    public void Run_PictureOfAnyDepth_ComesToTheSameNumbers()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, 1, 1, 2, 2));
        using Mat bytes = TestPictures.Noise(2, 2);
        float[] expected = Numbers(bytes);
        foreach ((MatType depth, double white) in new[]
        {
            (MatType.CV_8S, sbyte.MaxValue), (MatType.CV_16U, ushort.MaxValue), (MatType.CV_16S, short.MaxValue),
            (MatType.CV_32S, int.MaxValue), (MatType.CV_32F, 1.0), (MatType.CV_64F, 1),
        })
        {
            using Mat other = new();
            bytes.ConvertTo(other, depth, white / byte.MaxValue);
            float[] got = Numbers(other);
            // Half a step of each depth, of 127 levels at the least, and half a level of a grey byte.
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], got[i], 0.5 / 127 + 0.5 / 255, depth.ToString());
        }

        float[] Numbers(Mat picture)
        {
            using Activations seen = session.Run(picture);
            return seen["y"].Values.ToArray();
        }
    }

    [TestMethod]
    public void Run_WhatIsNoPicture_SaysSo()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, 1, 1, 2, 2));
        using Mat empty = new(), solid = new([2, 2, 2], MatType.CV_32FC1);
        Assert.StartsWith("The picture is an empty Mat. Cv2.ImRead returns one for a file that it cannot read",
            Assert.ThrowsExactly<ArgumentException>(() => session.Run(empty)).Message);
        Assert.AreEqual("Expected a picture of 1, 3 or 4 channels, got CV_32FC1 of 3 axes.",
            Assert.ThrowsExactly<ArgumentException>(() => session.Run(solid)).Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => session.Run([null!]));
        Assert.ThrowsExactly<ArgumentException>(() => session.Run(Array.Empty<Mat>()));
    }

    [TestMethod]
    public void Activations_AskedForWhatIsNotThere_SayWhatIs()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { Tensors = ["relu_*"] });
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        Assert.AreEqual("No tensor is named 'relu_conv3' (nearest: 'relu_conv1'); the names are those of ActivationSession.Tensors",
            Assert.ThrowsExactly<KeyNotFoundException>(() => seen["relu_conv3"]).Message);
        Assert.AreEqual("'conv1' is not among the tensors that the session was opened for; name it in ActivationOptions.Tensors",
            Assert.ThrowsExactly<KeyNotFoundException>(() => seen["conv1"]).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => seen[-1]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ActivationSession.Open(SmallNetworks.LeNet(), new() { Threads = 0 }));
    }

    [TestMethod]
    public void Run_FixedBatch_RepeatsThePictureAndSaysSo()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, 3, 1, 2, 2));
        using Mat picture = new(2, 2, MatType.CV_8UC3, Scalar.White), black = new(2, 2, MatType.CV_8UC3, Scalar.Black);
        using Activations seen = session.Run([picture, black]);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1 }, seen["y"].Values.ToArray());
        Assert.AreEqual("input 'x' takes batches of 3: the picture is repeated", seen.Remarks.Single());
        Assert.AreEqual(2, seen.Samples);

        var fault = Assert.ThrowsExactly<BadInputException>(() => session.Run([picture, picture, picture, picture]));
        Assert.AreEqual("m: input 'x' takes batches of 3, got 4", fault.Message);
    }

    [TestMethod]
    public void Run_OtherInputs_AreZerosOrGiven()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, "N", 1, 2, 2), offset = graph.Input("offset", ElementType.Float, "N", 1, 1, 1);
        graph.Output(graph.Node("Add", "y", [x, offset]), ElementType.Float, "N", 1, 2, 2);
        using var session = ActivationSession.Open(graph.Build());
        using Mat white = new(2, 2, MatType.CV_8UC3, Scalar.White);

        using Activations zeros = session.Run([white, white]);
        Assert.AreEqual("input 'offset' is filled with zeros [2, 1, 1, 1]", zeros.Remarks.Single());
        using Activations given = session.Run([white], new Dictionary<string,
            TensorData>
        { ["offset"] = TensorData.FromArray([5f], new TensorShape(1, 1, 1, 1)) });
        Assert.AreEqual((1f, 6f), (zeros["y"].Values[0], given["y"].Values[0]));

        var fault = Assert.ThrowsExactly<BadInputException>(() =>
            session.Run(new Dictionary<string, TensorData> { ["z"] = TensorData.FromArray([1f], new TensorShape(1)) }));
        Assert.AreEqual("m: has no input 'z'; its inputs are x: float32[N, 1, 2, 2], offset: float32[N, 1, 1, 1]", fault.Message);
    }

    [TestMethod]
    public void Run_Tensor_IsFittedToTheInput()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, 1, 2, 2, 2));
        // float64 is what numpy makes by default, and people leave the batch axis out.
        var given = new TensorData(ElementType.Double, new TensorShape(2, 2, 2), new byte[64]);
        using Activations seen = session.Run(given);
        Assert.AreEqual("float32[1, 2, 2, 2]", $"{seen["y"].ElementType.DisplayName()}{seen["y"].Shape}");

        var fault = Assert.ThrowsExactly<BadInputException>(() =>
            session.Run(TensorData.FromArray(new float[12], new TensorShape(1, 3, 2, 2))));
        Assert.AreEqual("m: input 'x' takes [1, 2, 2, 2], got [1, 3, 2, 2]", fault.Message);
        fault = Assert.ThrowsExactly<BadInputException>(() =>
            session.Run(TensorData.FromArray(Array.Empty<float>(), new TensorShape(0, 2, 2, 2))));
        Assert.AreEqual("m: input 'x' is given [0, 2, 2, 2], which is empty", fault.Message);
    }

    [TestMethod]
    public void Run_ModelWithoutAPictureInput_ListsItsInputs()
    {
        using var session = ActivationSession.Open(Identity(ElementType.Float, "N", 12, 5, 5));
        using Mat picture = TestPictures.Noise(5, 5);
        var fault = Assert.ThrowsExactly<BadInputException>(() => session.Run(picture));
        Assert.AreEqual("m: takes no picture; its inputs are x: float32[N, 12, 5, 5]; give .npy files", fault.Message);
    }

    [TestMethod]
    public void Open_TensorsThatAreNone_AreSkippedWithReasons()
    {
        var graph = new GraphBuilder("m", opset: 19);
        string x = graph.Input("x", ElementType.Float, 1, 1, 2, 2);
        string half = graph.Node("Cast", "half", [x], ("to", (int)ElementType.Float16));
        string small = graph.Node("Cast", "small", [half], ("to", (int)ElementType.Float8E4M3FN));
        string back = graph.Node("Cast", "back", [small], ("to", (int)ElementType.Float));
        string list = graph.Node("SequenceConstruct", "list", [back]);
        string first = graph.Node("SequenceAt", "first", [list, graph.Initializer("zero", TensorData.FromArray([0L], TensorShape.Scalar))]);
        graph.Node("MaxPool", "", "pool", [first], ["pooled", ""], ("kernel_shape", new long[] { 1, 1 }));
        graph.Output(graph.Node("Relu", "y", ["pooled"]), ElementType.Float, 1, 1, 2, 2);

        using var session = ActivationSession.Open(graph.Build());
        Assert.AreEqual("half back first pooled y small/float32", string.Join(' ', session.Tensors));
        Assert.AreEqual("'small' is float8e4m3fn, which ONNX Runtime's .NET interface cannot hand out | 'list' is a sequence, not a tensor",
            string.Join(" | ", session.Skipped.Select(s => $"'{s.Name}' {s.Reason}")));
        using Mat white = new(2, 2, MatType.CV_8UC3, Scalar.White);
        using Activations seen = session.Run(white);
        Assert.AreEqual((1f, 1f), (seen["half"].Values[0], seen["y"].Values[3]));
    }

    [TestMethod]
    public void Open_WeightsInAFileBeside_AreFound()
    {
        string path = WithDataBeside(_folder.Path);
        using var session = ActivationSession.Open(path);
        AssertRuns(session);
    }

    // As a download cache keeps it: both files are links into a folder of files that are named by their content.
    [TestMethod]
    public void Open_LinksIntoACache_AreFollowed()
    {
        string blobs = _folder.File("blobs"), snapshot = _folder.File("snapshot");
        Directory.CreateDirectory(blobs);
        Directory.CreateDirectory(snapshot);
        WithDataBeside(blobs);
        File.Move(Path.Combine(blobs, "m.onnx"), Path.Combine(blobs, "0a1b"));
        File.Move(Path.Combine(blobs, "w.bin"), Path.Combine(blobs, "2c3d"));
        string path = Path.Combine(snapshot, "m.onnx");
        File.CreateSymbolicLink(path, Path.Combine("..", "blobs", "0a1b"));
        File.CreateSymbolicLink(Path.Combine(snapshot, "w.bin"), Path.Combine("..", "blobs", "2c3d"));

        using var session = ActivationSession.Open(path);
        AssertRuns(session);
    }

    private static void AssertRuns(ActivationSession session)
    {
        using Activations seen = session.Run(TensorData.FromArray([.. Enumerable.Repeat(1f, 16)], new TensorShape(1, 1, 4, 4)));
        CollectionAssert.AreEqual(new float[] { 45, 45, 45, 45 }, seen["c"].Values.ToArray());
    }

    private static string WithDataBeside(string folder)
    {
        ModelProto model = SmallModels.ConvRelu();
        TensorProto weight = model.Graph.Initializer[0];
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), [.. new byte[8], .. weight.RawData]);
        weight.ClearRawData();
        weight.MergeFrom(ModelOutline.Reference("w.bin", 8, 36));
        return model.Write(Path.Combine(folder, "m.onnx"));
    }

    private static OnnxModel Identity(ElementType type, params Dimension[] shape)
    {
        var graph = new GraphBuilder("m");
        graph.Output(graph.Node("Identity", "y", [graph.Input("x", type, [.. shape])]), type, [.. shape]);
        return graph.Build();
    }
}
