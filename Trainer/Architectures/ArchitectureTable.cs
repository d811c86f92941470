using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using static CnnOnnx.Trainer.Architectures.Stage;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>All networks that can be built from nothing. This is the list; there is no other.</summary>
internal static class ArchitectureTable
{
    private static readonly InputSpec XoInput = new() { Size = [116, 116], Channels = ChannelOrder.Gray };

    // Steps are as large as these nets bear: with spreads like PyTorch's own, one seed in a few ends in a net that answers always the same.
    private static readonly TrainingOptions XoRecipe = new() { Epochs = 10, Batch = 64, LearningRate = 0.1, Optimizer = "sgd", Init = "xavier" };

    public static Architecture[] Rows { get; } =
    [
        // LeCun et al., Gradient-based learning applied to document recognition (1998), with ReLU for the sigmoid.
        new("lenet",
        [
            Conv("conv1", 6, kernel: 5, padding: 2), Relu("relu1"), AveragePool("pool1", 2) with { Ends = "block1" },
            Conv("conv2", 16, kernel: 5), Relu("relu2"), AveragePool("pool2", 2) with { Ends = "block2" },
            Flatten(),
            Linear("fc1", 120), Relu("relu3"),
            Linear("fc2", 84), Relu("relu4") with { Ends = "features" },
            Classifier("fc3"),
        ])
        {
            Summary = "LeNet-5 with ReLU, for grey 28x28 pictures",
            Input = new InputSpec { Size = [28, 28], Channels = ChannelOrder.Gray },
            Recipe = new TrainingOptions { Epochs = 20, Batch = 512, LearningRate = 0.05, Optimizer = "sgd", Init = "xavier" },
        },
        new("xo",
        [
            Conv("conv1", 9, kernel: 3), Relu("relu1"), MaxPool("pool1", 2) with { Ends = "block1" },
            Conv("conv2", 5, kernel: 3), Relu("relu2"), MaxPool("pool2", 2) with { Ends = "block2" },
            Flatten(),
            Linear("fc1", 1200), Relu("relu3"),
            Linear("fc2", 64), Relu("relu4") with { Ends = "features" },
            Classifier("fc3"),
        ])
        { Summary = "circles from crosses, grey 116x116, two convolutions", Input = XoInput, Recipe = XoRecipe },
        new("xo-3conv",
        [
            Conv("conv1", 9, kernel: 3), Relu("relu1"), MaxPool("pool1", 2) with { Ends = "block1" },
            Conv("conv2", 5, kernel: 3), Relu("relu2"), MaxPool("pool2", 2) with { Ends = "block2" },
            Conv("conv3", 5, kernel: 3), Relu("relu3"), MaxPool("pool3", 2) with { Ends = "block3" },
            Flatten(),
            Linear("fc1", 480), Relu("relu4"),
            Linear("fc2", 320), Relu("relu5") with { Ends = "features" },
            Classifier("fc3"),
        ])
        { Summary = "xo with a third convolution", Input = XoInput, Recipe = XoRecipe with { Epochs = 20 } },
        new("xo-nopool",
        [
            Conv("conv1", 9, kernel: 3), Relu("relu1") with { Ends = "block1" },
            Conv("conv2", 5, kernel: 3), Relu("relu2") with { Ends = "block2" },
            Flatten(),
            Linear("fc1", 4000), Relu("relu3"),
            Linear("fc2", 2400), Relu("relu4") with { Ends = "features" },
            Classifier("fc3"),
        ])
        { Summary = "xo without pools: a gigabyte of weights", Input = XoInput, Recipe = XoRecipe with { Init = "torch" } },
        new("xo-wide",
        [
            Conv("conv1", 18, kernel: 3), Relu("relu1"), MaxPool("pool1", 2) with { Ends = "block1" },
            Conv("conv2", 18, kernel: 3), Relu("relu2"), MaxPool("pool2", 2) with { Ends = "block2" },
            Flatten(),
            Linear("fc1", 1200), Relu("relu3"),
            Linear("fc2", 64), Relu("relu4") with { Ends = "features" },
            Classifier("fc3"),
        ])
        { Summary = "xo with 18 channels", Input = XoInput, Recipe = XoRecipe },
    ];

    public static Architecture? Find(string name) => Rows.FirstOrDefault(row => row.Name == name);
}
