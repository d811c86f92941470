using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Putting elements into a tensor by where they belong.</summary>
internal static class ScatterOperators
{
    // How an update meets what is there. Positions count in the first axis.
    private static readonly OrderedDictionary<string, Func<Tensor, Tensor, Tensor, Tensor>> Reductions = new()
    {
        ["none"] = (data, positions, updates) => data.index_copy(0, positions, updates),
        ["add"] = (data, positions, updates) => data.index_add(0, positions, updates, 1),
        ["mul"] = (data, positions, updates) => Reduce(data, positions, updates, mul),
        ["max"] = (data, positions, updates) => Reduce(data, positions, updates, maximum),
        ["min"] = (data, positions, updates) => Reduce(data, positions, updates, minimum),
    };

    public static Operator[] Rows { get; } =
    [
        new("Scatter", 9, ScatterElements),
        new("ScatterElements", 11, ScatterElements),
        new("ScatterND", 11, ScatterND),
    ];

    private static OperatorFunction ScatterElements(OnnxNode node)
    {
        long axis = node.Int("axis", 0);
        Func<Tensor, Tensor, Tensor, Tensor> reduce = Reduction(node);
        return operands =>
        {
            (Tensor data, Tensor indices, Tensor updates) = (operands[0], operands[1], operands[2]);
            long[] shape = data.shape, indexed = indices.shape;
            int along = OperandValues.Axis(node, axis, shape.Length);
            if (!indexed.AsSpan().SequenceEqual(updates.shape) || indexed.Length != shape.Length
                || indexed.Where((size, i) => i != along && size > shape[i]).Any())
                throw node.Error(
                    $"has indices {new TensorShape(indexed)} and updates {new TensorShape(updates.shape)} for data "
                    + $"{new TensorShape(shape)}");

            Tensor position = zeros(indexed, ScalarType.Int64, device: data.device);
            for (int i = 0; i < shape.Length; i++)
                position = position * shape[i] + (i == along ? OperandValues.Indices(node, indices, shape[i]) : Coordinate(i));
            return [reduce(data.reshape(-1), position.reshape(-1), updates.reshape(-1)).reshape(shape)];

            Tensor Coordinate(int i) => arange(indexed[i], ScalarType.Int64, data.device).reshape(
                [.. indexed.Select((size, j) => i == j ? size : 1)]);
        };
    }

    private static OperatorFunction ScatterND(OnnxNode node)
    {
        Func<Tensor, Tensor, Tensor, Tensor> reduce = Reduction(node);
        return operands =>
        {
            (Tensor data, Tensor indices, Tensor updates) = (operands[0], operands[1], operands[2]);
            long[] shape = data.shape;
            IndexTuples tuples = IndexTuples.Of(node, indices, shape, batches: 0);
            long[] rest = shape[tuples.Length..], expected = [.. indices.shape[..^1], .. rest];
            if (!expected.AsSpan().SequenceEqual(updates.shape))
                throw node.Error($"has updates of shape {new TensorShape(updates.shape)}, expected {new TensorShape(expected)}");
            Tensor flat = data.flatten(0, tuples.Length - 1);
            return [reduce(flat, tuples.Flat, updates.reshape([tuples.Flat.shape[0], .. rest])).reshape(shape)];
        };
    }

    private static Func<Tensor, Tensor, Tensor, Tensor> Reduction(OnnxNode node)
    {
        return Reductions[node.OneOf("reduction", [.. Reductions.Keys])];
    }

    // Updates of one position meet in pairs, the pairs in pairs, until each position has one; that one meets what is there.
    private static Tensor Reduce(Tensor data, Tensor positions, Tensor updates, Func<Tensor, Tensor, Tensor> meet)
    {
        if (positions.numel() == 0)
            return data.Again();
        (Tensor at, Tensor order) = positions.sort(0, stable: true);
        Tensor values = updates.index_select(0, order);
        while (at.shape[0] > 1)
        {
            Tensor sameAsNext = cat([at.slice(0, 0, -1, 1) == at.slice(0, 1, at.shape[0], 1), zeros(1, ScalarType.Bool, at.device)]);
            if (!sameAsNext.any().item<bool>())
                break;
            // The first, third, fifth … update of each position takes the one behind it.
            Tensor places = arange(at.shape[0], ScalarType.Int64, at.device);
            Tensor starts = searchsorted(at, at, right: false);
            Tensor kept = ((places - starts) % 2 == 0).nonzero().reshape(-1);
            Tensor left = values.index_select(0, kept), right = values.index_select(0, (kept + 1).clamp_max(at.shape[0] - 1));
            Tensor meets = sameAsNext[kept].reshape([-1, .. Enumerable.Repeat(1L, (int)values.Dimensions - 1)]);
            (at, values) = (at[kept], where(meets, meet(left, right), left));
        }

        return data.index_copy(0, at, meet(data.index_select(0, at), values));
    }
}
