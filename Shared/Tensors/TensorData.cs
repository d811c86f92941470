using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Tensors;

/// <summary>
/// A tensor in managed memory: dense, row-major, little endian. Used at the borders (files, tests, comparisons),
/// not on the way from a network to a picture.
/// </summary>
public sealed class TensorData
{
    /// <summary>Wraps bytes that are a tensor.</summary>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Axes of the tensor.</param>
    /// <param name="bytes">Elements, densely packed; not copied.</param>
    /// <exception cref="ArgumentException">The bytes are not as many as type and shape ask for.</exception>
    public TensorData(ElementType type, TensorShape shape, ReadOnlyMemory<byte> bytes)
    {
        long expected = type.SizeInBytes(shape.Count);
        if (bytes.Length != expected)
            throw new ArgumentException($"{type.DisplayName()}{shape} takes {expected} bytes, got {bytes.Length}.");
        (Type, Shape, Bytes) = (type, shape, bytes);
    }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>Axes of the tensor.</summary>
    public TensorShape Shape { get; }

    /// <summary>Elements as they lie in memory.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Copies numbers into a float32 tensor.</summary>
    /// <param name="values">Elements, the last axis fastest.</param>
    /// <param name="shape">Axes of the tensor.</param>
    /// <exception cref="ArgumentException">The values are not as many as the shape asks for.</exception>
    public static TensorData FromArray(float[] values, TensorShape shape) => From(ElementType.Float, values, shape);

    /// <summary>Copies numbers into an int64 tensor.</summary>
    /// <inheritdoc cref="FromArray(float[], TensorShape)"/>
    public static TensorData FromArray(long[] values, TensorShape shape) => From(ElementType.Int64, values, shape);

    /// <summary>Reads the elements as they lie in memory, without copying.</summary>
    /// <exception cref="ArgumentException">T does not have the size of the element type.</exception>
    public ReadOnlySpan<T> As<T>() where T : unmanaged
    {
        if (!Type.HasFixedSize() || Unsafe.SizeOf<T>() != Type.SizeInBytes(1))
            throw new ArgumentException($"A tensor of {Type.DisplayName()} cannot be read as {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Bytes.Span);
    }

    private static TensorData From<T>(ElementType type, T[] values, TensorShape shape) where T : unmanaged =>
        new(type, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
