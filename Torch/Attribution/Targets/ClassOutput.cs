using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Tensor of a model that holds a score for each class, before any softmax or sigmoid: [N, classes], [classes], or a map of them
/// [N, classes, H, W] as a segmentation has it.
/// </summary>
/// <param name="Output">Output of the model that the scores end in.</param>
/// <param name="Logits">Tensor of the scores; the output itself where nothing stands between.</param>
/// <param name="Shape">Axes of the scores in this run.</param>
/// <param name="Axis">Axis that counts the classes.</param>
/// <param name="Behind">Softmax or sigmoid behind the scores, in words; null for none.</param>
internal sealed record ClassOutput(string Output, string Logits, TensorShape Shape, int Axis, string? Behind)
{
    /// <summary>Number of scores.</summary>
    public int Classes => (int)Shape[Axis];

    /// <summary>Axes of a map of scores: rows and columns; null where each class has one score.</summary>
    public (int Rows, int Columns)? Map
    {
        get
        {
            int[] spatial = [.. Enumerable.Range(0, Shape.Rank).Where(axis => axis != Axis && !(axis == 0 && Axis != 0))];
            return spatial.Length >= 2 && spatial.Any(axis => Shape[axis] > 1) ? (spatial[^2], spatial[^1]) : null;
        }
    }

    /// <summary>Words for a description: "in 'fc' [1, 1000], before Softmax 'prob'".</summary>
    public string Where => $"in '{Logits}' {Shape}{(Behind is null ? "" : $", before {Behind}")}";

    /// <summary>Finds the scores of the classes.</summary>
    /// <param name="model">A model without local functions.</param>
    /// <param name="scene">A run of it.</param>
    /// <param name="labels">Number of class names that are known; 0 for none.</param>
    /// <returns>Null where no output has an axis of classes.</returns>
    public static ClassOutput? Find(OnnxModel model, TargetScene scene, int labels)
    {
        ClassOutput[] found = [.. model.Graph.Outputs.Select(output => Of(model, output.Name, scene, labels)).OfType<ClassOutput>()];
        return found.FirstOrDefault(output => output.Classes == labels) ?? found.FirstOrDefault();
    }

    /// <summary>Index of the score of a class, at a place of the map where there is one.</summary>
    /// <param name="index">Class, from 0.</param>
    /// <param name="row">Row of the map; 0 without one.</param>
    /// <param name="column">Column of the map; 0 without one.</param>
    public long[] IndexOf(int index, int row = 0, int column = 0)
    {
        long[] place = new long[Shape.Rank];
        place[Axis] = index;
        if (Map is var (rows, columns))
            (place[rows], place[columns]) = (row, column);
        return place;
    }

    private static ClassOutput? Of(OnnxModel model, string output, TargetScene scene, int labels)
    {
        string logits = ClassifierHead.LogitsOf(model, output);
        if (scene.ShapeOf(logits) is not { Rank: > 0 } shape || AxisOf(model, logits, shape, labels) is not { } axis)
            return null;
        OnnxNode? behind = logits == output ? null : model.Graph.Nodes.FirstOrDefault(node => node.Inputs.Contains(logits)
            && OperatorFacts.Of(node).OnClasses == EffectOnClasses.Normalizes);
        return new ClassOutput(output, logits, shape, axis, behind is null ? null : $"{behind.OpType} '{behind.Name}'");
    }

    // The axis as long as there are names; without names the axis of the channels.
    private static int? AxisOf(OnnxModel model, string tensor, TensorShape shape, int labels)
    {
        int usual = shape.Rank == 1 ? 0
            : ChannelLayouts.Of(model.Graph).Of(tensor, shape.Rank).Layout == ChannelLayout.Last ? shape.Rank - 1
            : 1;
        if (labels > 1 && shape[usual] != labels)
        {
            int named = Enumerable.Range(0, shape.Rank).FirstOrDefault(axis => shape[axis] == labels, -1);
            if (named >= 0)
                return named;
        }

        // One dimension holds all there is: [1, 1, 1, 1000].
        if (shape[usual] == 1 && Enumerable.Range(1, shape.Rank - 1).Where(axis => shape[axis] > 1).ToArray() is [int only])
            return only;
        return usual;
    }
}
