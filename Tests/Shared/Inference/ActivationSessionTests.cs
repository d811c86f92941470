using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class ActivationSessionTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    // 3x3 ones times the weights 1 to 9 is 45; the last row and column of x are -1, which takes away the weights that lie on them.
    [TestMethod]
    public void Run_SmallNetwork_GivesWhatHandsCompute()
    {
        using var session = ActivationSession.Open(SmallModels.ConvRelu().Write(_folder.File("m.onnx")));
        float[] x = [1, 1, 1, -1, 1, 1, 1, -1, 1, 1, 1, -1, -1, -1, -1, -1];
        using Activations seen = session.Run(TensorData.FromArray(x, new TensorShape(1, 1, 4, 4)));

        Assert.AreEqual("c y", string.Join(' ', seen.Select(a => a.Name)));
        CollectionAssert.AreEqual(new float[] { 45, 45 - 2 * (3 + 6 + 9), 45 - 2 * (7 + 8 + 9), 45 - 2 * (3 + 6 + 9 + 7 + 8) },
            seen["c"].Values.ToArray());
        CollectionAssert.AreEqual(new float[] { 45, 9, 0, 0 }, seen["y"].Values.ToArray());
        Assert.AreEqual(("Conv", "c", ElementType.Float, "[1, 1, 2, 2]"),
            (seen[0].Op, seen[0].Node, seen[0].ElementType, seen[0].Shape.ToString()));
        Assert.AreEqual((45f, -21f), (seen["c"].Statistics.Max, seen["c"].Statistics.Min));
    }

    [TestMethod]
    public void Plane_OfAFloatTensor_IsTheRunsOwnMemory()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        Activation map = seen["relu_conv1"];
        using Mat plane = map.Plane(0, 2);

        Assert.AreEqual((28, 28, 6), (plane.Rows, plane.Cols, map.Channels));
        ref float third = ref MemoryMarshal.GetReference(map.Values[(2 * 28 * 28)..]);
        unsafe
        {
            Assert.AreEqual((IntPtr)System.Runtime.CompilerServices.Unsafe.AsPointer(ref third), plane.Data);
        }

        Assert.AreEqual(map.Raw.Length, map.Values.Length * sizeof(float));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => map.Plane(0, 6));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => map.Plane(1, 0));
    }

    [TestMethod]
    public void Run_Picture_IsPreparedAsTheCardSays()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(40, 56);
        using Activations seen = session.Run(picture);
        TensorData expected = Preprocessor.ToTensor(picture, session.Model.Card.Input!);

        CollectionAssert.AreEqual(expected.As<float>().ToArray(), seen.Inputs[0].Values.ToArray());
        Assert.AreEqual(session.Model.Card.Input, seen.Preprocessing);
        Assert.IsEmpty(seen.Remarks);
    }

    [TestMethod]
    public void Run_Preprocessing_CanBeChangedInPart()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { Preprocessing = spec => spec with { Range = 255 } });
        using Mat white = new(28, 28, MatType.CV_8UC3, Scalar.White);
        using Activations seen = session.Run(white);
        Assert.AreEqual(255f, seen.Inputs[0].Statistics.Min);
    }

    [TestMethod]
    public void Run_Batch_EqualsThePicturesOneByOne()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat first = TestPictures.Noise(28, 28, 1), second = TestPictures.Noise(28, 28, 2);
        using Activations both = session.Run([first, second]), alone = session.Run(second);

        Assert.AreEqual(2, both["conv1"].Samples);
        // Convolutions of another batch may sum in another order: a last bit or two.
        float[] expected = alone["logits"].Values.ToArray(), found = both["logits"].Values[10..].ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], 1e-5f);
    }

    [TestMethod]
    public void Open_Selection_LimitsWhatIsReturned()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { Tensors = ["relu*"], Selection = new() { First = 2 } });
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        Assert.AreEqual("relu_conv1 relu_conv2", string.Join(' ', seen.Select(a => a.Name)));
        // conv1, its ReLU, the pool between, conv2 and its ReLU.
        Assert.AreEqual(5, session.NeededNodes);
        Assert.IsEmpty(seen.Outputs);
        Assert.IsEmpty(session.CompareWithPlain(seen));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => seen[2]);
        Assert.Throws<KeyNotFoundException>(() => seen["logits"]);
    }

    [TestMethod]
    public void Open_SelectionWithOutputs_RunsTheWholeModel()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { Tensors = ["relu_conv1"], WithOutputs = true });
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        Assert.AreEqual("relu_conv1", seen.Single().Name);
        Assert.AreEqual("logits", seen.Outputs.Single().Name);
        Assert.AreEqual(session.Model.Graph.Nodes.Length, session.NeededNodes);
    }

    [TestMethod]
    public void Open_SelectionThatMakesAnOutput_HandsItOut()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { Tensors = ["relu4", "logits"] });
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        Assert.AreEqual("logits", seen.Outputs.Single().Name);
        Assert.HasCount(1, session.CompareWithPlain(seen));
    }

    /// <summary>The runtime reads weights from the model's file, and refuses a path that leaves the folder it was told.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void Open_ModelInALinkedFolder_FindsItsWeights()
    {
        Directory.CreateDirectory(_folder.File("deep", "real"));
        SmallNetworks.LeNet().Save(_folder.File("deep", "real", "m.onnx"));
        Directory.CreateSymbolicLink(_folder.File("link"), _folder.File("deep", "real"));
        using var session = ActivationSession.Open(_folder.File("link", "m.onnx"));
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        Assert.HasCount(12, seen);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true, DisplayName = "prepared")]
    public void CompareWithPlain_FusedNetwork_DiffersByRoundingOnly(bool prepared)
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { PreparesComparison = prepared });
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        // What was prepared is used up by the first.
        for (int time = 0; time < 2; time++)
        {
            OutputDifference difference = session.CompareWithPlain(seen).Single();
            Assert.AreEqual("logits", difference.Name);
            Assert.IsLessThan(1e-5, difference.Largest);
        }
    }

    [TestMethod]
    public void Dispose_ComparisonPreparedAndNeverMade_ClosesBothSessions()
    {
        for (int time = 0; time < 20; time++)
            ActivationSession.Open(SmallNetworks.LeNet(), new() { PreparesComparison = true }).Dispose();
    }

    [TestMethod]
    public void Open_BrokenFile_IsRefusedBeforeTheRuntimeSeesIt()
    {
        string path = SmallNetworks.LeNet().SaveTo(_folder);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        var fault = Assert.ThrowsExactly<OnnxException>(() => ActivationSession.Open(path));
        Assert.StartsWith($"{path}: is not an ONNX model, or its file is damaged (it ends inside field", fault.Message);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true, DisplayName = "in two sessions at once")]
    public void Open_WhatOnlyTheRuntimeRefuses_IsOneLine(bool prepared)
    {
        var graph = new GraphBuilder("m");
        graph.Output(graph.Node("NoSuchOperator", "y", [graph.Input("x", ElementType.Float, 1)]), ElementType.Float, 1);
        var fault = Assert.ThrowsExactly<OnnxException>(() =>
            ActivationSession.Open(graph.Build(), new() { PreparesComparison = prepared }));
        Assert.StartsWith("m: node 'y' needs operator NoSuchOperator, which ONNX Runtime ", fault.Message);
        Assert.DoesNotContain("\n", fault.Message);
    }

    [TestMethod]
    public void Run_WhatTheRuntimeCannotCompute_NamesTheNode()
    {
        var graph = new GraphBuilder("m");
        string a = graph.Input("a", ElementType.Float, "N", "M"), b = graph.Input("b", ElementType.Float, "K", "L");
        graph.Output(graph.Node("Add", "sum", [a, b]), ElementType.Float, "N", "M");
        using var session = ActivationSession.Open(graph.Build());
        var fault = Assert.ThrowsExactly<OnnxException>(() => session.Run(new Dictionary<string, TensorData>
        {
            ["a"] = TensorData.FromArray(new float[6], new TensorShape(2, 3)),
            ["b"] = TensorData.FromArray(new float[20], new TensorShape(4, 5)),
        }));
        Assert.StartsWith("m: ONNX Runtime cannot run it: running Add node. Name:'sum'", fault.Message);
    }

    [TestMethod]
    public void Run_Cancelled_Throws()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(28, 28);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => session.Run(picture, stop.Token));
        using Activations after = session.Run(picture);
        Assert.HasCount(12, after);
    }

    [TestMethod]
    public void Run_SeveralTimes_DisposesItsMatsAndValues()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(28, 28), other = TestPictures.Noise(40, 30);
        Assert.AreEqual(0, AbandonedMats.After(Touch), "Mats");
        Assert.AreEqual(0, AbandonedMats.After(typeof(OrtValue), Touch), "values of the runtime");

        void Touch()
        {
            for (int time = 0; time < 5; time++)
            {
                using Activations seen = session.Run([picture, other]);
                using Activations one = seen.OfSample(1);
                foreach (Activation map in seen)
                {
                    using Mat plane = map.Plane(0, 0), drawn = map.Render();
                    _ = map.Statistics;
                }

                _ = session.CompareWithPlain(seen);
            }
        }
    }
}
