using System.Runtime.InteropServices;
using CnnOnnx.Inference;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>A tensor of one side of a comparison, wherever it lies: in a run's memory, or read from a file.</summary>
/// <param name="name">Name in its model; of a recorded tensor its key.</param>
/// <param name="type">Type of the elements before they were made floats.</param>
/// <param name="shape">Sizes of the axes.</param>
/// <param name="values">The elements; valid as long as what they lie in.</param>
internal readonly ref struct SideTensor(string name, ElementType type, TensorShape shape, ReadOnlySpan<float> values)
{
    public string Name { get; } = name;

    public ElementType ElementType { get; } = type;

    public TensorShape Shape { get; } = shape;

    public ReadOnlySpan<float> Values { get; } = values;

    public static implicit operator SideTensor(Activation seen) => new(seen.Name, seen.ElementType, seen.Shape, seen.Values);

    /// <summary>Reads a tensor in managed memory; float32 is not copied.</summary>
    public static SideTensor Of(string name, TensorData data) => new(name, data.Type, data.Shape,
        data.Type == ElementType.Float ? MemoryMarshal.Cast<byte, float>(data.Bytes.Span) : data.ToFloats());

    /// <summary>The same under the name that it has in the model.</summary>
    public SideTensor Named(string other) => new(other, ElementType, Shape, Values);
}
