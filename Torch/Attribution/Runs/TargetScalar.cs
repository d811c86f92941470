using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Adds up a target's elements, with history where the tensors have one.</summary>
internal static class TargetScalar
{
    /// <summary>Names of the tensors that some targets are made of.</summary>
    public static string[] Tensors(params IEnumerable<AttributionTarget> targets) =>
        [.. targets.SelectMany(target => target.Terms).Select(term => term.Tensor).Distinct()];

    /// <summary>The target's value in one run: a tensor of one number.</summary>
    /// <param name="target">The target.</param>
    /// <param name="found">Gives a tensor of the run by name.</param>
    /// <param name="source">The model, for messages.</param>
    /// <exception cref="OnnxException">An index is not in its tensor.</exception>
    public static Tensor Of(AttributionTarget target, Func<string, Tensor> found, string source)
    {
        Tensor? sum = null;
        foreach (IGrouping<string, TargetTerm> terms in target.Terms.GroupBy(term => term.Tensor))
        {
            Tensor from = found(terms.Key);
            long[] places = [.. terms.Select(term => Place(target, term, from.shape, source))];
            Tensor part = Weighted(from.reshape(1, -1), places, terms);
            sum = sum is null ? part : sum + part;
        }

        return (sum ?? throw new OnnxException(source, $"target '{target.Name}' has no terms, expected at least one")).squeeze();
    }

    /// <summary>The target's value for each sample of a batch, [N]; the first axis of each of its tensors is the batch.</summary>
    /// <inheritdoc cref="Of"/>
    public static Tensor OfBatch(AttributionTarget target, Func<string, Tensor> found, string source)
    {
        Tensor? sum = null;
        foreach (IGrouping<string, TargetTerm> terms in target.Terms.GroupBy(term => term.Tensor))
        {
            Tensor from = found(terms.Key);
            long[] sample = [1, .. from.shape.Skip(1)];
            long[] places = [.. terms.Select(term => Place(target, term, sample, source))];
            Tensor part = Weighted(from.reshape(from.shape[0], -1), places, terms);
            sum = sum is null ? part : sum + part;
        }

        return sum!;
    }

    // [N, elements] → [N]
    private static Tensor Weighted(Tensor rows, long[] places, IEnumerable<TargetTerm> terms)
    {
        Tensor weights = tensor((float[])[.. terms.Select(term => term.Weight)], device: rows.device).to(rows.dtype);
        return (rows.index_select(1, tensor(places, device: rows.device)) * weights).sum(1);
    }

    private static long Place(AttributionTarget target, TargetTerm term, long[] shape, string source)
    {
        bool fits = term.Index.Count == shape.Length && term.Index.Zip(shape).All(axis => axis.First >= 0 && axis.First < axis.Second);
        if (!fits)
            throw new OnnxException(source, $"target '{target.Name}' is {term.Tensor}[{string.Join(", ", term.Index)}], but "
                + $"'{term.Tensor}' is {new TensorShape(shape)}");
        long place = 0;
        for (int axis = 0; axis < shape.Length; axis++)
            place = place * shape[axis] + term.Index[axis];
        return place;
    }
}
