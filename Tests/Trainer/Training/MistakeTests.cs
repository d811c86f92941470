using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Commands;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class MistakeTests
{
    // ONNX Runtime and a softmax in doubles say of each picture what the mistakes say of it.
    [TestMethod]
    public void Mistakes_OfAMeasurement_AreOnnxRuntimesSurestWrongAnswers()
    {
        const int Pictures = 60, Area = 28 * 28;
        using var folder = new TemporaryFolder();
        string path = SmallNetworks.LeNet().SaveTo(folder);
        var random = new Random(3);
        var store = new PictureStore(Pictures, Area);
        for (int i = 0; i < Pictures; i++)
            random.NextBytes(store[i]);
        int[] labels = [.. Enumerable.Range(0, Pictures).Select(i => i % 10)];
        var input = new InputSpec { Size = new(28, 28), Channels = ChannelOrder.Gray };
        using var set = new PictureSet(input, SmallNetworks.Digits, labels, store);
        using Classifier classifier = new ModelSource(path).Open(CPU);
        Score score = new ClassificationTask(classifier, SmallNetworks.Digits).Measure(set, 7, CPU, null, default);

        using var session = ActivationSession.Open(path);
        var wrong = new List<(int Picture, int Predicted, double Confidence, double OfActual)>();
        for (int i = 0; i < Pictures; i++)
        {
            float[] picture = [.. store[i].ToArray().Select(b => b / 255f)];
            using Activations seen = session.Run(TensorData.FromArray(picture, new TensorShape(1, 1, 28, 28)));
            double[] powers = [.. seen["logits"].Values.ToArray().Select(v => Math.Exp(v))];
            int predicted = Array.IndexOf(powers, powers.Max());
            if (predicted != labels[i])
                wrong.Add((i, predicted, powers[predicted] / powers.Sum(), powers[labels[i]] / powers.Sum()));
        }

        Assert.IsGreaterThan(Mistake.MostKept, wrong.Count, "Some are left out.");
        var expected = wrong.OrderByDescending(w => w.Confidence).Take(Mistake.MostKept).ToArray();
        CollectionAssert.AreEqual(expected.Select(w => (w.Picture, w.Predicted)).ToArray(),
            score.Mistakes.Select(m => (m.Picture, m.Predicted)).ToArray());
        for (int i = 0; i < expected.Length; i++)
        {
            // Scores below 100 in single precision are off by less than 1e-5, and shares by no more than that.
            Assert.AreEqual(expected[i].Confidence, score.Mistakes[i].Confidence, 1e-5);
            Assert.AreEqual(expected[i].OfActual, score.Mistakes[i].OfActual, 1e-5);
            Assert.AreEqual(labels[expected[i].Picture], score.Mistakes[i].Actual);
        }
    }
}
