using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>
/// VGG16 with torchvision's names: thirteen convolutions in five blocks, and three fully connected layers with most of the weights.
/// Simonyan and Zisserman: https://arxiv.org/abs/1409.1556
/// </summary>
internal static class Vgg16
{
    private const int Hidden = 4096, PooledSide = 7;

    // The paper's configuration D: channels of each block, and convolutions in it.
    private static readonly (int Channels, int Convolutions)[] Groups = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];

    public static Architecture Row { get; } = new("vgg16", Layers)
    {
        Summary = "VGG16 for RGB 224x224: half a gigabyte of weights",
        Input = InputPresets.Parse("imagenet"),
        Recipe = new TrainingOptions
        {
            Epochs = 30,
            Batch = 32,
            LearningRate = 0.005,
            Optimizer = "momentum",
            Schedule = "cosine",
            WeightDecay = 5e-4,
        },
    };

    private static GraphTensor Layers(Blocks net, GraphTensor input, int classes)
    {
        GraphTensor x = input;
        // PyTorch counts the layers of its Sequential: a convolution, its ReLU, and after each block the pool.
        int layer = 0, block = 0;
        foreach ((int channels, int convolutions) in Groups)
        {
            for (int i = 0; i < convolutions; i++)
            {
                x = net.Conv(x, $"features.{layer++}", channels, kernel: 3, padding: 1);
                x = net.Relu(x, $"features.{layer++}");
            }

            x = net.Ends(net.MaxPool(x, $"features.{layer++}", 2), $"block{++block}");
        }

        x = net.Flatten(net.AdaptiveAveragePool(x, "avgpool", PooledSide), "flatten");
        foreach (int place in new[] { 0, 3 })
        {
            x = net.Relu(net.Linear(x, $"classifier.{place}", Hidden), $"classifier.{place + 1}");
            x = net.Dropout(x, $"classifier.{place + 2}", 0.5f);
        }

        return net.Ends(net.Linear(net.Ends(x, "features"), "classifier.6", classes, "logits"), "classifier");
    }
}
