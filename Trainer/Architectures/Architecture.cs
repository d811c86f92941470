using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>A network that can be built for any number of classes, with the input and the recipe it is usually trained with.</summary>
/// <param name="Name">As the command line knows it.</param>
/// <param name="Stages">From the input to the class scores, which the last stage makes.</param>
internal sealed record Architecture(string Name, Stage[] Stages)
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
        ImmutableArray<long> shape = [input.ChannelCount, input.Height, input.Width];
        string tensor = graph.Input("input", ElementType.Float, WithBatch(shape));
        var made = new List<(string Name, ImmutableArray<long> Shape)>();
        foreach (Stage row in Stages)
        {
            Stage stage = row.Channels == Stage.Classes ? row with { Channels = classes } : row;
            shape = StageOperators.Writers[stage.Op](graph, stage, tensor, shape);
            if (shape.Any(size => size < 1))
                throw new BadInputException($"{Name}: pictures of {input.Height}x{input.Width} are too small, nothing is left of them at '{stage.Name}'; "
                    + $"its usual size is {Input.Height}x{Input.Width}");
            tensor = stage.Output;
            made.Add((tensor, shape));
        }

        foreach ((string name, ImmutableArray<long> dims) in made[^1..].Concat(made[..^1]))
            graph.Output(name, ElementType.Float, WithBatch(dims));
        return graph.Build(new ModelCard
        {
            Input = input,
            Stages = [.. Stages.Where(s => s.Ends is not null).Select(s => KeyValuePair.Create(s.Ends!, s.Output))],
        });
    }

    private static ImmutableArray<Dimension> WithBatch(ImmutableArray<long> shape) => ["N", .. shape.Select(size => (Dimension)size)];
}
