using CnnOnnx.Imaging;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>A network and a data set that are learned in a second.</summary>
internal static class Toys
{
    public static InputSpec Input { get; } = new() { Size = new(8, 8), Channels = ChannelOrder.Gray };

    private static readonly string[] Classes = ["row", "column", "diagonal"];

    public static TrainingOptions Options { get; } = new() { Epochs = 4, Batch = 16, LearningRate = 0.05, Threads = 1, Seed = 3 };

    public static Architecture Network { get; } = new("toy", (net, x, classes) =>
    {
        GraphTensor map = net.MaxPool(net.Relu(net.Conv(x, "conv1", 4, kernel: 3), "relu1"), "pool1", 2);
        return net.Linear(net.Flatten(map, "flatten"), "fc1", classes, "logits");
    })
    { Summary = "for tests", Input = Input, Recipe = Options };

    /// <summary>Pictures with a bright row (class 0), a bright column (1) or a bright diagonal (2), in noise.</summary>
    /// <param name="count">Number of pictures.</param>
    /// <param name="seed">Seed of places and noise.</param>
    /// <param name="classes">2 or 3.</param>
    /// <param name="range">Value of a white pixel in the network.</param>
    public static PictureSet Pictures(int count, int seed, int classes = 3, double range = 1)
    {
        var random = new Random(seed);
        var store = new PictureStore(count, 64);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % classes)];
        for (int i = 0; i < count; i++)
        {
            int place = random.Next(8);
            for (int p = 0; p < 64; p++)
            {
                (int y, int x) = (p / 8, p % 8);
                bool isBright = labels[i] == 0 ? y == place : labels[i] == 1 ? x == place : (x + place) % 8 == y;
                store[i][p] = (byte)((isBright ? 170 : 0) + random.Next(80));
            }
        }

        return new PictureSet(Input with { Range = range }, Classes[..classes], labels, store);
    }

    /// <summary>Ten batches to learn from, the last of them smaller; the caller disposes it.</summary>
    /// <param name="validatedOn">Name of the pictures that are measured after every epoch.</param>
    public static TrainingData Data(string validatedOn = "held-out") => Data(3, 1, validatedOn);

    /// <inheritdoc cref="Data(string)"/>
    public static TrainingData Data(int classes, double range, string validatedOn = "held-out")
    {
        PictureSet train = Pictures(150, 1, classes, range), validation = Pictures(60, 2, classes, range),
            test = Pictures(60, 4, classes, range);
        return new TrainingData(
            new DataReport("toys", train.Count, validation.Count, validatedOn, test.Count, [.. train.Classes]), train, validation, test);
    }

    /// <summary>The network with first weights; the caller disposes it.</summary>
    public static Classifier Build(TrainingOptions options, int classes = 3)
    {
        _ = manual_seed(options.Seed);
        var module = new OnnxModule(Network.Build(Input, classes));
        WeightInit.Fill(module, options.Init);
        return new Classifier(module, NetworkInput.Of(module.Model), "logits");
    }

    /// <summary>What the toys are trained for.</summary>
    public static ClassificationTask Task(Classifier classifier) => new(classifier, ["row", "column", "diagonal"]);

    public static TrainingPlan Plan(string model, TrainingOptions options) => new("toy", "toys", model, Input, options);

    /// <summary>All weights and statistics as bytes.</summary>
    public static string Bytes(OnnxModule module) =>
        string.Join(';', module.state_dict().Select(entry => $"{entry.Key}={Convert.ToHexString(TorchTensors.ToBytes(entry.Value).Span)}"));
}
