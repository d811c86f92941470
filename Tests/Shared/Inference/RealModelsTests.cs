using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>Models that others trained and exported.</summary>
[TestClass]
public sealed class RealModelsTests
{
    // The referee is ONNX Runtime with the file itself: another way in, the same numbers to the last bit, because nothing is
    // rewritten at this level.
    [TestMethod]
    public void Run_EveryRealModel_GivesWhatTheFileGivesInTheRuntime()
    {
        using Mat picture = PictureFile.Read(SharedData.Require("images", "winml", "kitten_224.png"));
        foreach (string path in Models())
        {
            using var session = ActivationSession.Open(path, new() { Optimization = OptimizationLevel.Disabled, Threads = 1 });
            using Activations seen = session.Run(picture);
            foreach (Activation map in seen)
                Assert.AreEqual(0, map.Statistics.NanCount, $"{path}: {map}");

            // One of them gives strings and a list of maps, and no tensor of numbers.
            if (seen.Outputs.Count == 0)
                continue;
            using var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                IntraOpNumThreads = 1,
            };
            using var plain = new InferenceSession(path, options);
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> expected = plain.Run(run, seen.Given, [.. seen.Outputs.Select(o => o.Name)]);
            for (int i = 0; i < seen.Outputs.Count; i++)
                AssertEqual(expected[i], seen.Outputs[i], path);
        }
    }

    // Nodes of half precision run in single precision on the CPU and are rounded in between only where a result is handed
    // out: there the two ways differ by a few of half precision's steps (5e-4 at 1).
    private static void AssertEqual(OrtValue expected, Activation found, string path)
    {
        if (found.ElementType != ElementType.Float16)
        {
            Assert.IsTrue(expected.GetTensorMutableRawData().SequenceEqual(found.Raw), $"{path}: {found}");
            return;
        }

        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(expected.GetTensorMutableRawData());
        for (int i = 0; i < halves.Length; i++)
            Assert.AreEqual((float)halves[i], found.Values[i], 2e-3f, $"{path}: {found}");
    }

    // Input and output that ONNX Runtime's own tests use, made by Caffe2. The model here is the one in half precision: the
    // largest difference measured is 1.5e-4.
    [TestMethod]
    public void Run_SqueezeNet_GivesThePublishedProbabilities()
    {
        float[] input = Numbers("bench.in"), expected = Numbers("bench.expected_out");
        using var session = ActivationSession.Open(SharedData.Require("onnx-models", "classification", "SqueezeNet_fp16.onnx"));
        using Activations seen = session.Run(TensorData.FromArray(input, new TensorShape(1, 3, 224, 224)));
        float[] found = seen.Outputs[0].Values.ToArray();
        Assert.HasCount(1000, found);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], 5e-4f);
    }

    [TestMethod]
    public void TypedTensors_OfEveryRealModel_KnowTypeAndRank()
    {
        foreach (string path in Models())
        {
            OnnxModel model = OnnxModel.Read(path);
            string[] names = [.. model.Graph.NodeOutputs];
            var typed = TypedTensors.Of(model, names);
            Assert.HasCount(names.Length, typed.Values.Select(v => v.Name).Concat(typed.Unknown.Select(u => u.Name)).Distinct(), path);
            Assert.IsTrue(typed.Values.All(v => v.ElementType != ElementType.Undefined && v.Shape is not null), path);
            Assert.IsTrue(typed.Unknown.All(u => u.Reason == "is a sequence, not a tensor"), path);
        }
    }

    private static IEnumerable<string> Models() =>
        Directory.EnumerateFiles(SharedData.Require("onnx-models"), "*.onnx", SearchOption.AllDirectories)
        .Where(path => !path.Contains("negative", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static float[] Numbers(string file) =>
    [
        .. File.ReadAllLines(SharedData.Require("reference-io", "ort-squeezenet", file))[1]
            .Split([',', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Select(float.Parse),
    ];
}
