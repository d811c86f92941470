namespace CnnOnnx.Trainer.Architectures;

/// <summary>One row of a network's table: an operator, the name of the tensor it makes, and its numbers.</summary>
internal sealed record Stage(string Op, string Name)
{
    /// <summary>Stands for the class count in <see cref="Channels"/> of the last layer.</summary>
    public const int Classes = -1;

    /// <summary>Output channels of a convolution, outputs of a fully connected layer.</summary>
    public int Channels { get; init; }

    /// <summary>Side of a square window.</summary>
    public int Kernel { get; init; }

    public int Stride { get; init; } = 1;

    /// <summary>Zeros on every side.</summary>
    public int Padding { get; init; }

    /// <summary>Name of the tensor, where it is not the layer's.</summary>
    public string Output { get => field ?? Name; init; }

    /// <summary>Label in the model card of the part of the network that ends here; null inside of a part.</summary>
    public string? Ends { get; init; }

    public static Stage Conv(string name, int channels, int kernel, int padding = 0) =>
        new("Conv", name) { Channels = channels, Kernel = kernel, Padding = padding };

    public static Stage Relu(string name) => new("Relu", name);

    public static Stage MaxPool(string name, int kernel) => new("MaxPool", name) { Kernel = kernel, Stride = kernel };

    public static Stage AveragePool(string name, int kernel) => new("AveragePool", name) { Kernel = kernel, Stride = kernel };

    public static Stage Flatten() => new("Flatten", "flatten");

    public static Stage Linear(string name, int outputs) => new("Gemm", name) { Channels = outputs };

    /// <summary>The layer whose outputs are the class scores.</summary>
    public static Stage Classifier(string name) => Linear(name, Classes) with { Output = "logits", Ends = "classifier" };
}
