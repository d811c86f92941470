using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Targets' values for many changed versions of one tensor: in ONNX Runtime, from that tensor on, as many at a time as memory allows.
/// </summary>
internal static class BatchRuns
{
    // Larger batches gain nothing on a CPU.
    private const long MostAtOnce = 64;

    // Tensors of the widest layer that live at the same time: operand, result and a sum that waits.
    private const int Alive = 4;

    /// <summary>Values of each target, in the order of the versions.</summary>
    /// <param name="explanation">The picture.</param>
    /// <param name="tensor">A layer, or an input as the model takes it.</param>
    /// <param name="count">Number of versions.</param>
    /// <param name="make">Makes so many versions from one on: [n, C, H, W], dense or not.</param>
    /// <returns>One array of <paramref name="count"/> numbers for each target of the picture.</returns>
    public static double[][] Scores(Explanation explanation, string tensor, long count, Func<long, long, Tensor> make) =>
        Scores(explanation, tensor, count, make, (target, found) => TargetScalar.OfBatch(target, found, explanation.Parts.Original.Source));

    /// <param name="score">Makes one number for each sample of a target and the targets' tensors of a batch.</param>
    /// <inheritdoc cref="Scores(Explanation, string, long, Func{long, long, Tensor})"/>
    public static double[][] Scores(Explanation explanation, string tensor, long count, Func<long, long, Tensor> make,
        Func<AttributionTarget, Func<string, Tensor>, Tensor> score)
    {
        ModelParts parts = explanation.Parts;
        string[] ends = TargetScalar.Tensors(explanation.Targets);
        OnnxModel? batched = parts.Batchable(explanation.Inputs, ends);
        OnnxModel whole = batched ?? parts.Original;
        bool isInput = whole.Graph.Inputs.Any(input => input.Name == tensor);
        var (model, others) = isInput ? (whole, Others(explanation, tensor)) : Suffix(explanation, whole, tensor, ends);
        long atOnce = batched is null ? 1 : SizeOf(explanation, tensor);
        ScalarType type = isInput ? explanation.Inputs.First(i => i.Name == tensor).Value.dtype : TypeOf(explanation, tensor);
        MapAxes axes = explanation.AxesOf(tensor);
        double[][] scores = [.. explanation.Targets.Select(_ => new double[count])];
        for (long first = 0; first < count; first += atOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            long now = Math.Min(atOnce, count - first);
            Tensor versions = axes.FromPlanes(make(first, now).cpu()).to(type);
            (string, Tensor)[] given = [.. others.Select(o => (o.Name, Repeated(o.Value, now))), (tensor, versions)];
            Tensor[] found = parts.Run(model, given, ends);
            for (int t = 0; t < scores.Length; t++)
            {
                Tensor values = score(explanation.Targets[t], name => found[Array.IndexOf(ends, name)].to(ScalarType.Float32));
                values.to(ScalarType.Float64).data<double>().ToArray().CopyTo(scores[t].AsSpan((int)first));
            }
        }

        return scores;
    }

    /// <summary>Versions that run at the same time, as memory allows.</summary>
    private static long SizeOf(Explanation explanation, string tensor)
    {
        IReadOnlyDictionary<string, TensorShape> shapes = explanation.Parts.Shapes(explanation.Inputs);
        SuffixPlan plan = explanation.Parts.Plan(explanation.Parts.Original, [tensor], TargetScalar.Tensors(explanation.Targets));
        long widest = plan.Nodes.SelectMany(node => node.Outputs).Append(tensor).Concat(plan.Handed)
            .Max(name => shapes.TryGetValue(name, out TensorShape shape) ? shape.Count : 1);
        return Math.Clamp(explanation.Options.Memory / (widest * sizeof(float) * Alive), 1, MostAtOnce);
    }

    private static (OnnxModel, (string Name, Tensor Value)[]) Suffix(
        Explanation explanation, OnnxModel whole, string tensor, string[] ends)
    {
        SuffixPlan plan = explanation.Parts.Plan(explanation.Parts.Original, [tensor], ends);
        string[] handed = [.. plan.Handed.Where(name => name != tensor)];
        Tensor[] values = explanation.Parts.Run(explanation.Parts.Original, explanation.Inputs, handed);
        (string Name, Tensor Value)[] others =
            [.. handed.Zip(values), .. explanation.Inputs.Where(input => plan.Inputs.Contains(input.Name))];
        int rank = explanation.Parts.Shapes(explanation.Inputs)[tensor].Rank;
        string key = string.Join('\0', [tensor, "", .. ends, "", .. others.Select(other => other.Name)]);
        OnnxModel model = explanation.Parts.Suffix(whole, key, () => whole.WithInputs(
        [
            Value(tensor, TypeOf(explanation, tensor), rank),
            .. others.Select(other => Value(other.Name, other.Value.dtype, (int)other.Value.Dimensions)),
        ], ends));
        return (model, others);
    }

    private static OnnxValue Value(string name, ScalarType type, int rank) => new()
    {
        Name = name,
        Kind = OnnxValueKind.Tensor,
        ElementType = Operators.TorchTensors.SameInMemory(type) ?? ElementType.Float,
        Shape = [.. Enumerable.Range(0, rank).Select(axis => new Dimension(null, $"{name}.{axis}"))],
    };

    private static ScalarType TypeOf(Explanation explanation, string tensor) =>
        Operators.TorchTensors.TypeOf(explanation.Parts.Seen(explanation.Inputs).Types[tensor], tensor);

    private static (string Name, Tensor Value)[] Others(Explanation explanation, string tensor) =>
        [.. explanation.Inputs.Where(input => input.Name != tensor)];

    private static Tensor Repeated(Tensor value, long times) => times == 1 || value.Dimensions == 0 || value.shape[0] != 1
        ? value
        : value.expand([times, .. value.shape.Skip(1)]).contiguous();
}
