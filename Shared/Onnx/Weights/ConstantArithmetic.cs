using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>Arithmetic on dense row-major tensors of floats, as ONNX defines it, for the few operators that weights stand behind.</summary>
internal static class ConstantArithmetic
{
    /// <summary>The shape that two operands come to (ONNX, "Multidirectional broadcasting"); null when they do not fit.</summary>
    public static TensorShape? Broadcast(TensorShape a, TensorShape b)
    {
        long[] sizes = new long[Math.Max(a.Rank, b.Rank)];
        for (int axis = 1; axis <= sizes.Length; axis++)
        {
            long left = axis <= a.Rank ? a[^axis] : 1, right = axis <= b.Rank ? b[^axis] : 1;
            if (left != right && left != 1 && right != 1)
                return null;
            sizes[^axis] = left == 1 ? right : left;
        }

        return new TensorShape(sizes);
    }

    /// <summary>An operation on two operands, element by element, in the shape of the result.</summary>
    public static float[] Combine(float[] a, TensorShape aShape, float[] b, TensorShape bShape, TensorShape result, Func<float, float, float> operation)
    {
        int[] left = Indices(aShape, result), right = Indices(bShape, result);
        float[] values = new float[left.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = operation(a[left[i]], b[right[i]]);
        return values;
    }

    /// <summary>The values in a larger shape: axes of length 1 are repeated.</summary>
    public static float[] Expand(float[] values, TensorShape shape, TensorShape result) =>
        Array.ConvertAll(Indices(shape, result), index => values[index]);

    /// <summary>The values with their axes in another order.</summary>
    /// <param name="values">Elements of a tensor.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="order">For each axis of the result, the axis of the tensor that it was.</param>
    public static float[] Transpose(float[] values, TensorShape shape, int[] order)
    {
        long[] strides = Strides(shape);
        int[] indices = Walk([.. order.Select(axis => shape[axis])], [.. order.Select(axis => strides[axis])]);
        return Array.ConvertAll(indices, index => values[index]);
    }

    /// <summary>Sums over some axes, in double precision, of what a function makes of each value.</summary>
    /// <param name="values">Elements of a tensor.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="kept">The same shape with 1 for each axis that is summed over.</param>
    /// <param name="term">What is summed.</param>
    public static double[] Sum(float[] values, TensorShape shape, TensorShape kept, Func<float, double> term)
    {
        int[] targets = Indices(kept, shape);
        double[] sums = new double[kept.Count];
        for (int i = 0; i < targets.Length; i++)
            sums[targets[i]] += term(values[i]);
        return sums;
    }

    /// <summary>The values of several tensors that stand one behind the other along an axis.</summary>
    public static float[] Concatenate(IReadOnlyList<float[]> parts, IReadOnlyList<TensorShape> shapes, int axis)
    {
        long outer = shapes[0].Dims.Take(axis).Aggregate(1L, (product, size) => product * size);
        var values = new List<float>();
        for (int o = 0; o < outer; o++)
            for (int part = 0; part < parts.Count; part++)
            {
                int length = (int)(shapes[part].Count / outer);
                values.AddRange(parts[part].AsSpan(o * length, length));
            }

        return [.. values];
    }

    // For each element of a shape the place in an operand that is broadcast to it.
    private static int[] Indices(TensorShape operand, TensorShape result)
    {
        long[] own = Strides(operand), strides = new long[result.Rank];
        for (int axis = 1; axis <= operand.Rank; axis++)
            strides[^axis] = operand[^axis] == 1 ? 0 : own[^axis];
        return Walk([.. result.Dims], strides);
    }

    private static int[] Walk(long[] sizes, long[] strides)
    {
        int[] places = new int[new TensorShape(sizes).Count];
        long[] index = new long[sizes.Length];
        long place = 0;
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = (int)place;
            for (int axis = sizes.Length - 1; axis >= 0; axis--)
            {
                place += strides[axis];
                if (++index[axis] < sizes[axis])
                    break;
                place -= strides[axis] * sizes[axis];
                index[axis] = 0;
            }
        }

        return places;
    }

    private static long[] Strides(TensorShape shape)
    {
        long[] strides = new long[shape.Rank];
        long stride = 1;
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
            (strides[axis], stride) = (stride, stride * shape[axis]);
        return strides;
    }
}
