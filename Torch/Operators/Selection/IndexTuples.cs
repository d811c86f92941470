using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// The index tuples of GatherND and ScatterND as positions in a tensor whose leading axes are flattened into one.
/// </summary>
/// <param name="Flat">The position that each tuple names, counted over all indexed axes.</param>
/// <param name="Length">Number of axes that a tuple indexes.</param>
internal readonly record struct IndexTuples(Tensor Flat, int Length)
{
    /// <param name="indices">[batch…, …, k]: k indices into the axes that follow the batches.</param>
    /// <param name="shape">Shape of the data.</param>
    /// <param name="batches">Number of leading axes that data and indices share.</param>
    public static IndexTuples Of(OnnxNode node, Tensor indices, long[] shape, int batches)
    {
        long[] indexed = indices.shape;
        int length = indexed.Length == 0 ? 0 : (int)indexed[^1];
        if (batches < 0 || batches >= indexed.Length || batches + length > shape.Length || length == 0
            || !shape.AsSpan(0, batches).SequenceEqual(indexed.AsSpan(0, batches)))
            throw node.Error($"has indices of shape {new TensorShape(indexed)} into {new TensorShape(shape)} with {batches} batch axes");

        Tensor flat = zeros(indexed[..^1], ScalarType.Int64, device: indices.device);
        for (int axis = 0; axis < batches + length; axis++)
        {
            Tensor position = axis < batches
                ? arange(shape[axis], ScalarType.Int64, indices.device).reshape(
                    [.. indexed[..^1].Select((size, i) => i == axis ? size : 1)])
                : OperandValues.Indices(node, indices.select(-1, axis - batches), shape[axis]);
            flat = flat * shape[axis] + position;
        }

        return new IndexTuples(flat.reshape(-1), length);
    }
}
