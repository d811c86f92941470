using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>
/// MobileNetV2 with torchvision's names: residual blocks that are wide inside and narrow where they meet.
/// Sandler et al.: https://arxiv.org/abs/1801.04381
/// </summary>
internal static class MobileNetV2
{
    public const string Name = "mobilenetv2";

    // Of channels at full width; processors like them in eights.
    private const int FirstChannels = 32, LastChannels = 1280, Divisor = 8;

    // The paper's table 2: factor by which a block widens inside, channels, blocks, stride of the first of them.
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Groups =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    /// <param name="name">Name of the row.</param>
    /// <param name="width">Factor of all channels but the last layer's, which has no fewer than 1280.</param>
    public static Architecture Row(string name, double width) => new(name, (net, x, classes) => Layers(net, x, classes, width))
    {
        Summary = "MobileNetV2 for RGB 224x224; mobilenetv2-0.5 has half the width",
        Input = InputPresets.Parse("imagenet"),
        Recipe = new TrainingOptions
        {
            Epochs = 30,
            Batch = 32,
            LearningRate = 0.05,
            Optimizer = "momentum",
            Schedule = "cosine",
            WeightDecay = 4e-5,
        },
    };

    private static GraphTensor Layers(Blocks net, GraphTensor input, int classes, double width)
    {
        GraphTensor x = net.Ends(ConvNormRelu(net, input, "features.0", Scaled(FirstChannels * width), kernel: 3, stride: 2), "stem");
        int block = 0;
        foreach ((int expansion, int channels, int blocks, int stride) in Groups)
        {
            for (int i = 0; i < blocks; i++)
                x = Residual(net, x, $"features.{++block}", Scaled(channels * width), i == 0 ? stride : 1, expansion);
            x = net.Ends(x, $"stage_{channels}");
        }

        x = net.Ends(ConvNormRelu(net, x, $"features.{++block}", Scaled(LastChannels * Math.Max(1, width)), kernel: 1), "features");
        x = net.Flatten(net.GlobalAveragePool(x, "avgpool"), "flatten");
        x = net.Dropout(x, "classifier.0", 0.2f);
        return net.Ends(net.Linear(x, "classifier.1", classes, "logits"), "classifier");
    }

    private static GraphTensor Residual(Blocks net, GraphTensor x, string name, int channels, int stride, int expansion)
    {
        int inside = (int)x.Shape[0] * expansion, part = 0;
        GraphTensor y = x;
        if (expansion != 1)
            y = ConvNormRelu(net, y, $"{name}.conv.{part++}", inside, kernel: 1);
        y = ConvNormRelu(net, y, $"{name}.conv.{part++}", inside, kernel: 3, stride, groups: inside);
        y = net.BatchNorm(net.Conv(y, $"{name}.conv.{part}", channels, kernel: 1, bias: false), $"{name}.conv.{part + 1}");
        return stride == 1 && x.Shape[0] == channels ? net.Add(x, y, name) : y;
    }

    private static GraphTensor ConvNormRelu(
        Blocks net, GraphTensor x, string name, int channels, int kernel, int stride = 1, int groups = 1)
    {
        GraphTensor y = net.Conv(x, name + ".0", channels, kernel, stride, (kernel - 1) / 2, groups, bias: false);
        return net.Relu6(net.BatchNorm(y, name + ".1"), name + ".2");
    }

    /// <summary>The nearest multiple of eight that is at most a tenth below.</summary>
    private static int Scaled(double channels)
    {
        int nearest = Math.Max(Divisor, (int)(channels + (Divisor / 2)) / Divisor * Divisor);
        return nearest < 0.9 * channels ? nearest + Divisor : nearest;
    }
}
