using System.Collections.Frozen;
using System.Collections.Immutable;
using CnnOnnx.Onnx;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>How each operator of a stage is written into a graph, and what shape it makes.</summary>
internal static class StageOperators
{
    /// <summary>Adds the stage's node to the graph and returns the shape [C, H, W] or [features] that it makes.</summary>
    public delegate ImmutableArray<long> Writer(GraphBuilder graph, Stage stage, string input, ImmutableArray<long> shape);

    public static FrozenDictionary<string, Writer> Writers { get; } = new Dictionary<string, Writer>
    {
        ["Conv"] = Conv,
        ["Relu"] = Relu,
        ["MaxPool"] = Pool,
        ["AveragePool"] = Pool,
        ["Flatten"] = Flatten,
        ["Gemm"] = Gemm,
    }.ToFrozenDictionary();

    private static ImmutableArray<long> Conv(GraphBuilder graph, Stage stage, string input, ImmutableArray<long> shape)
    {
        graph.Node("Conv", stage.Output,
            [input, graph.Weight(stage.Name + ".weight", stage.Channels, shape[0], stage.Kernel, stage.Kernel), graph.Weight(stage.Name + ".bias", stage.Channels)],
            Window(stage));
        return [stage.Channels, .. Slid(stage, shape)];
    }

    private static ImmutableArray<long> Relu(GraphBuilder graph, Stage stage, string input, ImmutableArray<long> shape)
    {
        graph.Node("Relu", stage.Output, [input]);
        return shape;
    }

    private static ImmutableArray<long> Pool(GraphBuilder graph, Stage stage, string input, ImmutableArray<long> shape)
    {
        graph.Node(stage.Op, stage.Output, [input], Window(stage));
        return [shape[0], .. Slid(stage, shape)];
    }

    private static ImmutableArray<long> Flatten(GraphBuilder graph, Stage stage, string input, ImmutableArray<long> shape)
    {
        graph.Node("Flatten", stage.Output, [input], ("axis", 1));
        return [shape.Aggregate(1L, (product, size) => product * size)];
    }

    // PyTorch keeps a linear layer's weight as [outputs, inputs]; transB makes Gemm read it so.
    private static ImmutableArray<long> Gemm(GraphBuilder graph, Stage stage, string input, ImmutableArray<long> shape)
    {
        graph.Node("Gemm", stage.Output,
            [input, graph.Weight(stage.Name + ".weight", stage.Channels, shape[0]), graph.Weight(stage.Name + ".bias", stage.Channels)],
            ("transB", 1));
        return [stage.Channels];
    }

    private static (string, object)[] Window(Stage stage) =>
    [
        ("kernel_shape", new long[] { stage.Kernel, stage.Kernel }),
        ("strides", new long[] { stage.Stride, stage.Stride }),
        ("pads", new long[] { stage.Padding, stage.Padding, stage.Padding, stage.Padding }),
    ];

    private static IEnumerable<long> Slid(Stage stage, ImmutableArray<long> shape) =>
        shape.Skip(1).Select(size => (long)Math.Floor((size + (2.0 * stage.Padding) - stage.Kernel) / stage.Stride) + 1);
}
