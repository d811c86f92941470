using System.Collections.Immutable;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Detection;
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

    /// <summary>The paper's anchors of a detector, from the smallest up, in pixels of the input; empty for a classifier.</summary>
    public IReadOnlyList<BoxSize> Anchors { get; init; } = [];

    /// <summary>True for a network that finds boxes.</summary>
    public bool IsDetector => Anchors.Count > 0;

    /// <summary>Pixels that both sides of a picture have to be multiples of.</summary>
    public int Step { get; init; } = 1;

    /// <summary>
    /// The graph: weights have shapes and no values, every tensor is an output, the class scores or the heads first. The batch is "N".
    /// </summary>
    /// <param name="input">Size and channels of the pictures.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="anchors">Anchors of a detector, as many as the paper's; the paper's when not given.</param>
    /// <exception cref="BadInputException">The pictures are too small for the network, or of a size that does not fit.</exception>
    public OnnxModel Build(InputSpec input, int classes, IReadOnlyList<BoxSize>? anchors = null)
    {
        DetectorNetwork.RequireSize(Name, input.Size, Step);
        if (anchors is not null && anchors.Count != Anchors.Count)
            throw new BadInputException($"{Name}: got {anchors.Count} anchors, expected {Anchors.Count}");
        var graph = new GraphBuilder(Name);
        var blocks = new Blocks(graph, layer => new BadInputException(
            $"{Name}: pictures of {input.Height}x{input.Width} are too small, nothing is left of them at '{layer}'; "
            + $"its usual size is {Input.Height}x{Input.Width}"));
        ImmutableArray<long> shape = [input.ChannelCount, input.Height, input.Width];
        GraphTensor scores = Layers(blocks, new GraphTensor(graph.Input("input", ElementType.Float, WithBatch(shape)), shape), classes);
        GraphTensor[] first = blocks.Heads.Count > 0 ? [.. blocks.Heads.Select(head => head.Tensor)] : [scores];
        foreach (GraphTensor tensor in first.Concat(blocks.Made.Where(t => first.All(f => f.Name != t.Name))))
            graph.Output(tensor.Name, ElementType.Float, WithBatch(tensor.Shape));
        return graph.Build(new ModelCard
        {
            Input = input,
            Stages = [.. blocks.Stages],
            Detection = IsDetector ? Heads(blocks, input, classes, anchors ?? Anchors) : null,
        });
    }

    private DetectionCard Heads(Blocks blocks, InputSpec input, int classes, IReadOnlyList<BoxSize> anchors) => new()
    {
        Layout = "yolov3",
        Classes = classes,
        Heads = [.. blocks.Heads.Select(head => new DetectionHead
        {
            Tensor = head.Tensor.Name,
            Stride = input.Width / (int)head.Tensor.Shape[2],
            Anchors = [.. head.Anchors.Select(place => new[] { anchors[place].Width, anchors[place].Height })],
        })],
    };

    private static ImmutableArray<Dimension> WithBatch(ImmutableArray<long> shape) => ["N", .. shape.Select(size => (Dimension)size)];
}
