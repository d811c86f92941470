using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>
/// A tensor of a PyTorch file: a view of a storage, whose element (i, j, …) stands at offset + i·stride₀ + j·stride₁ + ….
/// </summary>
internal sealed class TorchTensor
{
    // Of a tensor whose elements are fewer than it shows: a stride of 0 repeats them.
    private const long MostRepeatedBytes = 64 << 20;
    private const int MostAxes = 32;

    private readonly TorchStoragePart _part;
    private readonly ElementType _stored;
    private readonly long _offset;
    private readonly long[] _strides;

    /// <param name="part">The elements.</param>
    /// <param name="type">Type of the elements; null for the storage's own.</param>
    /// <param name="offset">Number of the first element.</param>
    /// <param name="sizes">Sizes of the axes.</param>
    /// <param name="strides">Elements from one index of an axis to the next.</param>
    /// <exception cref="PickleCallException">It looks at elements that are not there.</exception>
    public TorchTensor(TorchStoragePart part, ElementType? type, long offset, long[] sizes, long[] strides)
    {
        (_part, _stored, _offset, _strides) = (part, type ?? part.Storage.Type, offset, strides);
        if (sizes.Length > MostAxes || sizes.Length != strides.Length || sizes.Any(s => s < 0) || strides.Any(s => s < 0) || offset < 0)
            throw new PickleCallException($"sizes [{string.Join(", ", sizes.Take(MostAxes))}], strides "
                + $"[{string.Join(", ", strides.Take(MostAxes))}], offset {offset} are no tensor");
        Shape = new TensorShape(sizes);
        long here = part.Storage.Type == _stored ? part.Count : part.Count * part.Storage.Type.SizeInBytes(1) / _stored.SizeInBytes(1);
        try
        {
            long count = Shape.Count, last = checked(part.First + offset);
            for (int axis = 0; axis < sizes.Length; axis++)
                last = checked(last + ((sizes[axis] - 1) * strides[axis]));
            if (count > 0 && last >= checked(part.First + here))
                throw new PickleCallException($"a tensor {Shape} from element {offset} on takes more than the {here} elements of storage "
                    + $"'{part.Storage.Key}'");
            if (count > here && _stored.SizeInBytes(count) > MostRepeatedBytes)
                throw new PickleCallException($"a tensor {Shape} repeats the {here} elements of storage '{part.Storage.Key}', expected at "
                    + $"most {MostRepeatedBytes} bytes of it");
            Bytes = _stored.SizeInBytes(count);
        }
        catch (OverflowException)
        {
            throw new PickleCallException($"a tensor {Shape} has more elements than can be counted");
        }
    }

    /// <summary>Sizes of the axes.</summary>
    public TensorShape Shape { get; }

    /// <summary>Type of the elements; of a quantised tensor that of the real numbers.</summary>
    public ElementType Type => Quantization is null ? _stored : ElementType.Float;

    /// <summary>Bytes of all elements in the type of the storage.</summary>
    public long Bytes { get; }

    /// <summary>How integers become real numbers; null for a tensor that is not quantised.</summary>
    public TorchQuantization? Quantization { get; init; }

    /// <summary>Reads the elements, dense and in little endian.</summary>
    /// <exception cref="BadInputException">The file cannot be read, or the storage is not in it.</exception>
    public byte[] Load()
    {
        byte[] stored = Stored();
        return Quantization is null ? stored : Quantization.Apply(new TensorData(_stored, Shape, stored));
    }

    private byte[] Stored()
    {
        int size = (int)_stored.SizeInBytes(1);
        long count = Shape.Count;
        if (count == 0)
            return [];
        long span = 1;
        for (int axis = 0; axis < _strides.Length; axis++)
            span += (Shape[axis] - 1) * _strides[axis];
        TorchStorage storage = _part.Storage;
        byte[] bytes = storage.Reader is { } read ? read((_part.First * storage.Type.SizeInBytes(1)) + (_offset * size), span * size)
            : throw new BadInputException($"storage '{storage.Key}' is not in the file");
        if (storage.IsBigEndian)
            Swap(bytes, _stored is ElementType.Complex64 or ElementType.Complex128 ? size / 2 : size);
        return IsDense() ? bytes : Gathered(bytes, size, count);
    }

    private bool IsDense()
    {
        long expected = 1;
        for (int axis = _strides.Length - 1; axis >= 0; axis--)
        {
            if (Shape[axis] != 1 && _strides[axis] != expected)
                return false;
            expected *= Shape[axis];
        }

        return true;
    }

    private byte[] Gathered(byte[] bytes, int size, long count)
    {
        byte[] dense = new byte[checked(count * size)];
        long[] index = new long[_strides.Length];
        long from = 0;
        for (long to = 0; to < dense.Length; to += size)
        {
            bytes.AsSpan((int)(from * size), size).CopyTo(dense.AsSpan((int)to));
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                from += _strides[axis];
                if (++index[axis] < Shape[axis])
                    break;
                from -= index[axis] * _strides[axis];
                index[axis] = 0;
            }
        }

        return dense;
    }

    private static void Swap(byte[] bytes, int size)
    {
        for (int at = 0; at + size <= bytes.Length; at += size)
            bytes.AsSpan(at, size).Reverse();
    }
}

/// <summary>Real numbers of quantised ones: (q − zero)·scale, with one pair for the tensor or for each index of an axis.</summary>
/// <param name="Scales">One scale, or one an index.</param>
/// <param name="Zeros">One zero point, or one an index.</param>
/// <param name="Axis">The axis of the indices.</param>
internal sealed record TorchQuantization(Func<double[]> Scales, Func<double[]> Zeros, int Axis)
{
    /// <summary>The real numbers as float32.</summary>
    public byte[] Apply(TensorData integers)
    {
        double[] scales = Scales(), zeros = Zeros();
        float[] values = integers.ToFloats();
        long inner = integers.Shape.Dims.Skip(Axis + 1).Aggregate(1L, (product, size) => product * size);
        long indices = scales.Length == 1 ? 1 : integers.Shape.Dims.ElementAtOrDefault(Axis);
        if (scales.Length != zeros.Length || scales.Length != indices)
            throw new BadInputException($"a quantised tensor {integers.Shape} has {scales.Length} scales and {zeros.Length} zero points");
        for (int i = 0; i < values.Length; i++)
        {
            long index = scales.Length == 1 ? 0 : i / inner % indices;
            values[i] = (float)((values[i] - zeros[index]) * scales[index]);
        }

        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
