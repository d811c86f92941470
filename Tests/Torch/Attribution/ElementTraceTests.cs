using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class ElementTraceTests
{
    [TestMethod]
    public void EachBoxOfAnEndToEndExportComesFromACellOfTheHead()
    {
        OnnxModel model = Scenes.EndToEndDetector();
        TargetScene scene = Scenes.Of(model, new TargetResolver(model));
        float[] output = scene.FloatsOf("output")!, head = scene.FloatsOf("head")!;
        var trace = new ElementTrace(scene);
        for (int box = 0; box < 5; box++)
            for (int column = 0; column < 5; column++)
            {
                TracedElement found = trace.Back(new TargetTerm("output", [0, box, column], 1), throughScores: true);
                Assert.AreEqual("head", found.Term.Tensor, found.Place);
                TensorShape shape = scene.ShapeOf("head")!.Value;
                long[] at = [.. found.Term.Index];
                float value = head[((at[0] * shape[1] + at[1]) * shape[2] + at[2]) * shape[3] + at[3]];
                // Scores stand behind a sigmoid, and are those of the best class; numbers that were only moved are equal to the bit.
                float expected = output[box * 6 + column];
                Assert.AreEqual(expected, column == 4 ? 1 / (1 + MathF.Exp(-value)) : value, column == 4 ? 1e-6f : 0, found.Place);
                if (column == 4)
                {
                    Assert.AreEqual(4 + (long)output[box * 6 + 5], at[1], "the class that won");
                    StringAssert.Contains(found.Passed, "Sigmoid 'scores'");
                }
            }
    }

    [TestMethod]
    public void WithoutScoresATraceStopsAtTheProbability()
    {
        OnnxModel model = Scenes.EndToEndDetector();
        TargetScene scene = Scenes.Of(model, new TargetResolver(model));
        TracedElement found = new ElementTrace(scene).Back(new TargetTerm("output", [0, 0, 4], 1), throughScores: false);
        Assert.AreEqual("scores", found.Term.Tensor);
        Assert.IsNull(found.Passed);
    }

    [TestMethod]
    public void WhatIsComputedIsNotPassed()
    {
        OnnxModel model = Scenes.Segmenter();
        TargetScene scene = Scenes.Of(model, new TargetResolver(model));
        TracedElement found = new ElementTrace(scene).Back(new TargetTerm("map", [0, 1, 2, 3], 1), throughScores: true);
        Assert.IsFalse(found.HasMoved);
        Assert.AreEqual("", found.Words);
    }
}
