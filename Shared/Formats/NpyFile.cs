using System.Runtime.InteropServices;
using CnnOnnx.Files;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>NumPy's array files (.npy), as numpy.save writes and numpy.load reads them.</summary>
public static class NpyFile
{
    /// <summary>Reads an array in C or Fortran order, of either byte order, of every numeric element type that NumPy has.</summary>
    /// <param name="path">A .npy file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">Not an array, cut off, pickled objects or text.</exception>
    public static TensorData Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(file, path, file.Length);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: does not exist", path, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Reads an array from a stream.</summary>
    /// <param name="stream">Read to the array's last number, not further.</param>
    /// <param name="where">Origin of the stream, for messages.</param>
    /// <param name="length">Bytes that the stream says it has: no memory is taken for more than that.</param>
    internal static TensorData Read(Stream stream, string where, long length)
    {
        NpyHeader header = NpyHeader.Read(stream, where);
        long size = header.Type.SizeInBytes(header.Shape.Count);
        if (size > length)
            throw new BadInputException($"{where}: {header.Type.DisplayName()}{header.Shape} takes {size} bytes, the file has {length}");
        byte[] bytes = new byte[size];
        NpyHeader.ReadAll(stream, bytes, where);
        int elementSize = (int)header.Type.SizeInBytes(1);
        if (header.IsBigEndian)
            ReverseElements(bytes, header.Type is ElementType.Complex64 or ElementType.Complex128 ? elementSize / 2 : elementSize);
        if (header.IsFortranOrder && header.Shape.Rank > 1)
            bytes = ToRowMajor(bytes, header.Shape, elementSize);
        return new TensorData(header.Type, header.Shape, bytes);
    }

    /// <summary>Writes a tensor as an array in C order, as a whole file.</summary>
    /// <param name="path">The file; replaced only when the new one is complete.</param>
    /// <param name="tensor">Tensor of a type that <see cref="CanWrite"/> knows.</param>
    /// <exception cref="BadInputException">NumPy has no such element type, or the place cannot be written.</exception>
    public static void Write(string path, TensorData tensor) =>
        AtomicFile.Write(path, file => Write(file, tensor.Type, tensor.Shape, tensor.Bytes.Span));

    /// <summary>True for the types that NumPy has, and for bfloat16, which is written as float32.</summary>
    /// <param name="type">Type of the elements.</param>
    public static bool CanWrite(ElementType type) => NpyHeader.CanWrite(type) || type == ElementType.BFloat16;

    /// <summary>Writes an array in C order to a stream.</summary>
    /// <param name="stream">The array's bytes are added to it.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Sizes of the axes.</param>
    /// <param name="bytes">The elements, dense, row-major, little endian.</param>
    public static void Write(Stream stream, ElementType type, TensorShape shape, ReadOnlySpan<byte> bytes)
    {
        long expected = type.SizeInBytes(shape.Count);
        if (bytes.Length != expected)
            throw new ArgumentException($"{type.DisplayName()}{shape} takes {expected} bytes, got {bytes.Length}.");
        if (type == ElementType.BFloat16)
        {
            float[] floats = new float[shape.Count];
            FloatConversion.ToFloat(type, bytes, floats);
            type = ElementType.Float;
            bytes = MemoryMarshal.AsBytes(floats.AsSpan());
        }

        stream.Write(NpyHeader.Write(type, shape));
        stream.Write(bytes);
    }

    private static void ReverseElements(Span<byte> bytes, int size)
    {
        for (int at = 0; at < bytes.Length; at += size)
            bytes.Slice(at, size).Reverse();
    }

    // The first axis runs fastest in the source, the last one in the target.
    private static byte[] ToRowMajor(ReadOnlySpan<byte> source, TensorShape shape, int size)
    {
        byte[] target = new byte[source.Length];
        Span<long> index = stackalloc long[shape.Rank];
        Span<long> strides = stackalloc long[shape.Rank];
        long stride = size;
        for (int axis = 0; axis < shape.Rank; axis++)
            (strides[axis], stride) = (stride, stride * shape[axis]);

        long from = 0;
        for (int to = 0; to < target.Length; to += size)
        {
            source.Slice((int)from, size).CopyTo(target.AsSpan(to));
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return target;
    }
}
