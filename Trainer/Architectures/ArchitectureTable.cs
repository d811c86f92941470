using System.Globalization;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>All networks that can be built from nothing: a row each, and some of them in any width.</summary>
internal static class ArchitectureTable
{
    private static readonly InputSpec XoInput = new() { Size = new(116, 116), Channels = ChannelOrder.Gray };

    // Steps are as large as these nets bear: with spreads like PyTorch's own, one seed in a few ends in a net that answers always the same.
    private static readonly TrainingOptions XoRecipe =
        new() { Epochs = 10, Batch = 64, LearningRate = 0.1, Optimizer = "sgd", Init = "xavier" };

    /// <summary>Bounds of the factor of all channels.</summary>
    public const double LeastWidth = 0.1, MostWidth = 4;

    // Networks whose channels a factor multiplies; a name such as mobilenetv2-0.5 has it.
    private static readonly (string Name, Func<string, double, Architecture> Row)[] AnyWidth =
        [(MobileNetV2.Name, MobileNetV2.Row), (Yolov3.Name, Yolov3.Row)];

    public static Architecture[] Rows { get; } =
    [
        // LeCun et al., Gradient-based learning applied to document recognition (1998), with ReLU for the sigmoid.
        new("lenet", ConvNet("AveragePool", [(6, 5, 2), (16, 5, 0)], [120, 84]))
        {
            Summary = "LeNet-5 with ReLU, for grey 28x28 pictures",
            Input = new InputSpec { Size = new(28, 28), Channels = ChannelOrder.Gray },
            Recipe = new TrainingOptions { Epochs = 20, Batch = 512, LearningRate = 0.05, Optimizer = "sgd", Init = "xavier" },
        },
        new("xo", ConvNet("MaxPool", [(9, 3, 0), (5, 3, 0)], [1200, 64]))
        { Summary = "circles from crosses, grey 116x116, two convolutions", Input = XoInput, Recipe = XoRecipe },
        new("xo-3conv", ConvNet("MaxPool", [(9, 3, 0), (5, 3, 0), (5, 3, 0)], [480, 320]))
        { Summary = "xo with a third convolution", Input = XoInput, Recipe = XoRecipe with { Epochs = 20 } },
        new("xo-nopool", ConvNet("", [(9, 3, 0), (5, 3, 0)], [4000, 2400]))
        { Summary = "xo without pools: a gigabyte of weights", Input = XoInput, Recipe = XoRecipe with { Init = "torch" } },
        new("xo-wide", ConvNet("MaxPool", [(18, 3, 0), (18, 3, 0)], [1200, 64]))
        { Summary = "xo with 18 channels", Input = XoInput, Recipe = XoRecipe },
        MobileNetV2.Row(MobileNetV2.Name, 1),
        Vgg16.Row,
        Yolov3.Row(Yolov3.Name, 1),
    ];

    /// <summary>A row by its name; mobilenetv2-0.5 is MobileNetV2 of half the width.</summary>
    /// <exception cref="BadInputException">The width is out of range.</exception>
    public static Architecture? Find(string name) => Rows.FirstOrDefault(row => row.Name == name) ?? OfWidth(name);

    /// <summary>The name of a network in a width.</summary>
    /// <exception cref="BadInputException">A network that has one width only.</exception>
    public static string NameOf(string network, double width) => AnyWidth.Any(row => row.Name == network)
        ? string.Create(CultureInfo.InvariantCulture, $"{network}-{width}")
        : throw new BadInputException($"'{network}' {(OfWidth(network) is null ? "has one width only" : "says its width in its name")}; "
            + $"got a width of {width} as well, which is for {string.Join(" or ", AnyWidth.Select(row => row.Name))}");

    private static Architecture? OfWidth(string name)
    {
        foreach ((string network, Func<string, double, Architecture> row) in AnyWidth)
            if (name.StartsWith(network + "-", StringComparison.Ordinal) && double.TryParse(name.AsSpan(network.Length + 1),
                NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double width))
                return width is >= LeastWidth and <= MostWidth
                    ? row(name, width)
                    : throw new BadInputException($"'{name}' has the width {width}, expected one from {LeastWidth} to {MostWidth}");
        return null;
    }

    /// <summary>Convolutions, each with ReLU and a pool that halves, then fully connected layers with ReLU, and the class scores.</summary>
    /// <param name="pool">AveragePool or MaxPool; empty for none.</param>
    /// <param name="convolutions">Channels, side of the window and padding of each.</param>
    /// <param name="hidden">Outputs of each fully connected layer before the last.</param>
    private static Func<Blocks, GraphTensor, int, GraphTensor> ConvNet(
        string pool, (int Channels, int Kernel, int Padding)[] convolutions, int[] hidden) =>
        (net, input, classes) =>
        {
            GraphTensor x = input;
            int relus = 0;
            for (int i = 1; i <= convolutions.Length; i++)
            {
                (int channels, int kernel, int padding) = convolutions[i - 1];
                x = net.Relu(net.Conv(x, $"conv{i}", channels, kernel, padding: padding), $"relu{++relus}");
                x = pool switch
                {
                    "AveragePool" => net.AveragePool(x, $"pool{i}", 2),
                    "MaxPool" => net.MaxPool(x, $"pool{i}", 2),
                    _ => x,
                };
                x = net.Ends(x, $"block{i}");
            }

            x = net.Flatten(x, "flatten");
            for (int i = 1; i <= hidden.Length; i++)
                x = net.Relu(net.Linear(x, $"fc{i}", hidden[i - 1]), $"relu{++relus}");
            x = net.Ends(x, "features");
            return net.Ends(net.Linear(x, $"fc{hidden.Length + 1}", classes, "logits"), "classifier");
        };
}
