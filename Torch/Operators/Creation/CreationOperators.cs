using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Tensors out of nothing or out of a shape.</summary>
internal static class CreationOperators
{
    // How a Constant states its value; exactly one of them is there.
    private static readonly Dictionary<string, Func<OnnxNode, string, TensorData>> Forms = new()
    {
        ["value"] = (node, name) => node.Tensor(name)!.Load(),
        ["sparse_value"] = (node, name) => Dense(node, name),
        ["value_float"] = (node, name) => TensorData.FromArray([node.Float(name, 0)], TensorShape.Scalar),
        ["value_floats"] = (node, name) => Vector(node.Floats(name)!),
        ["value_int"] = (node, name) => TensorData.FromArray([node.Int(name, 0)], TensorShape.Scalar),
        ["value_ints"] = (node, name) => Vector(node.Ints(name)!),
    };

    public static Operator[] Rows { get; } =
    [
        new("Constant", 1, Constant),
        new("ConstantOfShape", 9, ConstantOfShape),
        new("EyeLike", 9, EyeLike),
        new("OneHot", 9, OneHot),
        new("Range", 11, Range),
        new("Trilu", 14, Trilu),
    ];

    private static OperatorFunction Constant(OnnxNode node)
    {
        string? form = Forms.Keys.FirstOrDefault(node.HasAttribute);
        if (form is null)
            throw node.Error($"has no value that can be held, expected one of {string.Join(", ", Forms.Keys)}");
        TensorData value = Forms[form](node, form);
        OperandValues.TypeOf(node, value.Type, "its value");
        return operands => [TorchTensors.From(value, operands.State.Device)];
    }

    // A view of one element: no memory, however large the shape.
    private static OperatorFunction ConstantOfShape(OnnxNode node)
    {
        TensorData value = node.Tensor("value")?.Load() ?? TensorData.FromArray([0f], new TensorShape(1));
        if (value.Shape.Count != 1)
            throw node.Error($"has a value of shape {value.Shape}, expected one element");
        ScalarType type = OperandValues.TypeOf(node, value.Type, "its value");
        return operands =>
        {
            long[] shape = operands[0].ToLongs();
            Budget.Require(node, type, shape);
            return [TorchTensors.From(value, operands[0].device).reshape([]).expand(shape)];
        };
    }

    private static OperatorFunction EyeLike(OnnxNode node)
    {
        ScalarType? type = node.HasAttribute("dtype") ? node.Type("dtype") : null;
        long diagonal = node.Int("k", 0);
        return operands =>
        {
            operands.RequireRank(0, 2, 2);
            Budget.Require(node, ScalarType.Int64, operands[0].shape);
            Tensor row = arange(operands[0].shape[0], ScalarType.Int64, operands[0].device).unsqueeze(1);
            Tensor column = arange(operands[0].shape[1], ScalarType.Int64, operands[0].device);
            return [(column - row == diagonal).to(type ?? operands[0].dtype)];
        };
    }

    // Indices outside −depth … depth−1 light nothing.
    private static OperatorFunction OneHot(OnnxNode node)
    {
        long axis = node.Int("axis", -1);
        return operands =>
        {
            Tensor index = operands[0].to(ScalarType.Int64), offOn = operands[2];
            long depth = operands.Long(1);
            int at = OperandValues.Axis(node, axis, (int)index.Dimensions + 1);
            long[] shape = [.. index.shape[..at], depth, .. index.shape[at..]];
            Budget.Require(node, offOn.dtype, shape);
            Tensor classes = arange(depth, ScalarType.Int64, index.device).reshape([.. shape.Select((size, i) => i == at ? size : 1)]);
            Tensor lit = where(index < 0, index + depth, index).unsqueeze(at) == classes;
            return [where(lit, offOn[1], offOn[0])];
        };
    }

    private static OperatorFunction Range(OnnxNode node) => operands =>
    {
        ScalarType type = operands[0].dtype;
        double start = operands.Number(0), limit = operands.Number(1), delta = operands.Number(2);
        double count = Math.Max(0, Math.Ceiling((limit - start) / delta));
        if (!double.IsFinite(count) || delta == 0)
            throw node.Error($"counts from {start} to {limit} in steps of {delta}, which has no end");
        Budget.Require(node, ScalarType.Float64, [count < long.MaxValue ? (long)count : long.MaxValue]);
        return [arange((long)count, ScalarType.Int64, operands[0].device).to(type) * operands[2].reshape([]) + operands[0].reshape([])];
    };

    private static OperatorFunction Trilu(OnnxNode node)
    {
        bool upper = node.Flag("upper", true);
        return operands =>
        {
            operands.RequireRank(0, 2);
            // Beyond its last diagonal a matrix looks the same for every k.
            long most = operands[0].shape.Max() + 1;
            long diagonal = node.HasInput(1) ? Math.Clamp(operands.Long(1), -most, most) : 0;
            return [upper ? operands[0].triu(diagonal) : operands[0].tril(diagonal)];
        };
    }

    private static TensorData Vector(long[] values) => TensorData.FromArray(values, new TensorShape(values.Length));

    private static TensorData Vector(float[] values) => TensorData.FromArray(values, new TensorShape(values.Length));

    // Indices of a sparse tensor are positions in the flattened tensor, or one tuple of coordinates a row.
    private static TensorData Dense(OnnxNode node, string attribute)
    {
        (TensorShape shape, OnnxTensor stored, OnnxTensor places) = node.Sparse(attribute)!.Value;
        Budget.Require(node, ScalarType.Float64, shape.Dims.AsSpan());
        TensorData values = stored.Load();
        TensorData indices = places.Load();
        int rank = indices.Shape.Rank == 2 ? shape.Rank : 1, size = (int)values.Type.SizeInBytes(1);
        ReadOnlySpan<long> coordinates = indices.As<long>();
        if (coordinates.Length != values.Shape.Count * rank)
            throw node.Error($"has {values.Shape.Count} sparse values and indices of shape {indices.Shape}");

        byte[] dense = new byte[values.Type.SizeInBytes(shape.Count)];
        for (int i = 0; i < values.Shape.Count; i++)
        {
            long position = 0;
            for (int axis = 0; axis < rank; axis++)
                position = rank == 1 ? coordinates[i] : position * shape[axis] + coordinates[i * rank + axis];
            if (position < 0 || position >= shape.Count)
                throw node.Error($"has a sparse value at {position} of {shape}");
            values.Bytes.Span.Slice(i * size, size).CopyTo(dense.AsSpan((int)position * size));
        }

        return new TensorData(values.Type, shape, dense);
    }
}
