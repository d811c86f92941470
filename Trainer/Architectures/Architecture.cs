using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>A network that can be built for any number of classes, with the input and the recipe it is usually trained with.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Layers">Builds the network on its input for a number of classes; returns the class scores.</param>
internal sealed record Architecture(string Name, Func<Blocks, GraphTensor, int, GraphTensor> Layers)
{
    /// <summary>One line for the help.</summary>
    public required string Summary { get; init; }

    public required InputSpec Input { get; init; }

    public required TrainingOptions Recipe { get; init; }

    /// <summary>
    /// The graph: weights have shapes and no values, every tensor is an output, the class scores first. The batch is "N".
    /// </summary>
    /// <exception cref="BadInputException">The pictures are too small for the network.</exception>
    public OnnxModel Build(InputSpec input, int classes)
    {
        var graph = new GraphBuilder(Name);
        var blocks = new Blocks(graph, layer => new BadInputException(
            $"{Name}: pictures of {input.Height}x{input.Width} are too small, nothing is left of them at '{layer}'; "
            + $"its usual size is {Input.Height}x{Input.Width}"));
        ImmutableArray<long> shape = [input.ChannelCount, input.Height, input.Width];
        GraphTensor scores = Layers(blocks, new GraphTensor(graph.Input("input", ElementType.Float, WithBatch(shape)), shape), classes);
        foreach (GraphTensor tensor in blocks.Made.Where(t => t.Name != scores.Name).Prepend(scores))
            graph.Output(tensor.Name, ElementType.Float, WithBatch(tensor.Shape));
        return graph.Build(new ModelCard { Input = input, Stages = [.. blocks.Stages] });
    }

    private static ImmutableArray<Dimension> WithBatch(ImmutableArray<long> shape) => ["N", .. shape.Select(size => (Dimension)size)];
}
