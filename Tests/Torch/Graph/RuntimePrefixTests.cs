using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Graph;

[TestClass]
public sealed class RuntimePrefixTests
{
    private static readonly string[] Wanted = ["relu_conv2", "pool1"];

    [TestMethod]
    public void Run_GivesTheNumbersOfANormalRun_AndCopiesOnlyOncePerSize()
    {
        using DisposeScope scope = NewDisposeScope();
        using var prefix = new RuntimePrefix(SmallNetworks.LeNet(), Wanted);
        using var session = ActivationSession.Open(SmallNetworks.LeNet(), new() { Tensors = Wanted, Device = ComputeDevice.Cpu });
        long copies = 0;
        foreach (int batch in new[] { 1, 3, 1, 3, 3 })
        {
            Tensor x = rand(batch, 1, 28, 28);
            Tensor[] found = prefix.Run([("image", x)]);
            // The first run of each size learns shapes, and copies its two tensors.
            Assert.AreEqual(copies < 4 ? copies += 2 : copies, prefix.Copies);
            using Activations expected = session.Run(TorchTensors.ToData(x));
            for (int i = 0; i < Wanted.Length; i++)
            {
                Assert.AreEqual(expected[Wanted[i]].Shape, new TensorShape(found[i].shape));
                Assert.IsTrue(expected[Wanted[i]].Raw.SequenceEqual(found[i].bytes), Wanted[i]);
            }
        }
    }

    [TestMethod]
    public void Run_ThenTheRestInTorchSharp_IsTheWholeNetwork()
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(SmallNetworks.LeNet());
        using var prefix = new RuntimePrefix(SmallNetworks.LeNet(), ["relu_conv2"]);
        Tensor x = rand(2, 1, 28, 28), whole = module.forward(x);
        for (int time = 0; time < 2; time++)
        {
            using GradientRun rest = module.RunForGradients([("relu_conv2", prefix.Run([("image", x)])[0])], ["relu_conv2", "logits"]);
            Assert.IsTrue(rest["logits"].allclose(whole, rtol: 1e-4, atol: 1e-4));
            Assert.AreEqual("[2, 16, 10, 10]", new TensorShape(rest.Gradients(rest["logits"].sum(), "relu_conv2")[0].shape).ToString());
        }

        Assert.AreEqual(1, prefix.Copies);
    }

    [TestMethod]
    public void Run_WhatCannotBeShared_IsCopiedAndCounted()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, "N", "M");
        graph.Node("NonZero", "places", [x]);
        graph.Node("Cast", "wide", [x], ("to", (int)ElementType.UInt16));
        graph.Output(graph.Node("Transpose", "turned", [x]), ElementType.Float, "M", "N");
        OnnxModel model = graph.Build();
        using DisposeScope scope = NewDisposeScope();
        Tensor Given(params float[] values) => tensor(values).reshape(2, 2);

        using (var places = new RuntimePrefix(model, ["places"]))
        {
            // As many places as numbers that are not 0: the shape that was learned does not hold for the second.
            (Tensor, string)[] runs = [(Given(1, 0, 0, 1), "0 1 0 1"), (Given(1, 1, 0, 1), "0 0 1 0 1 1"), (Given(0, 0, 0, 0), "")];
            foreach ((Tensor given, string expected) in runs)
                Assert.AreEqual(expected, string.Join(' ', places.Run([("x", given)])[0].data<long>()));
            Assert.AreEqual(3, places.Copies);
        }

        using (var wide = new RuntimePrefix(model, ["wide"]))
        {
            for (int time = 1; time <= 3; time++)
            {
                Assert.AreEqual("1 2 3 4", string.Join(' ', wide.Run([("x", Given(1, 2, 3, 4))])[0].data<int>()));
                Assert.AreEqual(time, wide.Copies);
            }
        }

        // A transposed view is not dense, so the input is copied each time, the output only first.
        using var turned = new RuntimePrefix(model, ["turned"]);
        for (int time = 1; time <= 3; time++)
        {
            Assert.AreEqual("1 2 3 4", string.Join(' ', turned.Run([("x", Given(1, 2, 3, 4).t())])[0].data<float>()));
            Assert.AreEqual(1 + time, turned.Copies);
        }
    }

    [TestMethod]
    public void Run_Disposal_IsSafeInAnyOrder()
    {
        var prefix = new RuntimePrefix(SmallNetworks.LeNet(), Wanted);
        Tensor x = rand(1, 1, 28, 28);
        Tensor[] first = prefix.Run([("image", x)]), second = prefix.Run([("image", x)]), third = prefix.Run([("image", x)]);
        byte[] expected = second[0].bytes.ToArray();
        first[0].Dispose();
        x.Dispose();
        prefix.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.IsTrue(second[0].bytes.SequenceEqual(expected));
        second[0].Dispose();
        Assert.IsTrue(third[0].bytes.SequenceEqual(expected));
        third[0].add_(1);
        foreach (Tensor tensor in new[] { first[1], second[1], third[0], third[1] })
            tensor.Dispose();
    }

    [TestMethod]
    public void Run_ManyTimes_LeavesNoTensorAndNoValue()
    {
        using var prefix = new RuntimePrefix(SmallNetworks.LeNet(), Wanted);
        using Tensor x = rand(8, 1, 28, 28);
        void Run()
        {
            foreach (Tensor tensor in prefix.Run([("image", x)]))
                tensor.Dispose();
        }

        // The first run copies, the others write into tensors.
        Run();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long tensors = Tensor.TotalCount;
        Assert.AreEqual(0, AbandonedMats.After(typeof(OrtValue), () =>
        {
            for (int i = 0; i < 20; i++)
                Run();
        }));
        Assert.AreEqual(tensors, Tensor.TotalCount);
    }

    [TestMethod]
    public void Run_SeveralThreadsAtOnce_GetTheirOwn()
    {
        using var prefix = new RuntimePrefix(SmallNetworks.LeNet(), ["pool1"]);
        Parallel.For(0, 8, thread =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = full([1 + thread % 3, 1, 28, 28], (float)thread);
            Tensor expected = prefix.Run([("image", x)])[0];
            for (int i = 0; i < 20; i++)
                Assert.IsTrue(prefix.Run([("image", x)])[0].equal(expected).all().item<bool>());
        });
    }

    [TestMethod]
    public void Faults_AreOneLine()
    {
        Assert.AreEqual("lenet: has no node that makes tensor 'image'",
            Assert.ThrowsExactly<OnnxException>(() => new RuntimePrefix(SmallNetworks.LeNet(), ["image"])).Message);
        using var prefix = new RuntimePrefix(SmallNetworks.LeNet(), ["pool1"]);
        using Tensor wrong = rand(1, 2, 28, 28);
        Assert.AreEqual("lenet: input 'image: float32[N, 1, 28, 28]' is not given",
            Assert.ThrowsExactly<OnnxException>(() => prefix.Run([])).Message);
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => prefix.Run([("image", wrong)]));
        Assert.StartsWith("lenet: ONNX Runtime cannot run it: ", fault.Message);
        Assert.DoesNotContain("\n", fault.Message);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using Tensor x = rand(1, 1, 28, 28);
        Assert.ThrowsExactly<OperationCanceledException>(() => prefix.Run([("image", x)], stop.Token));
        prefix.Run([("image", x)])[0].Dispose();
    }
}
