using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>A named tensor of a file of weights. Its type and shape are known; its elements are read when they are asked for.</summary>
public sealed class WeightTensor
{
    private readonly Func<byte[]> _load;

    /// <param name="name">Name in the file.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Sizes of the axes.</param>
    /// <param name="load">Reads the elements: dense, row-major, little endian.</param>
    internal WeightTensor(string name, ElementType type, TensorShape shape, Func<byte[]> load) =>
        (Name, Type, Shape, _load) = (name, type, shape, load);

    /// <summary>Name in the file, such as conv1.weight.</summary>
    public string Name { get; }

    /// <summary>Type of the elements in the file.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes of the axes.</summary>
    public TensorShape Shape { get; }

    /// <summary>Reads the elements. A new copy each time: keep it if it is needed twice.</summary>
    /// <exception cref="BadInputException">The file cannot be read any more, or is damaged there.</exception>
    public TensorData Load() => new(Type, Shape, _load());

    /// <summary>One line, such as "conv1.weight: float32[6, 1, 5, 5]".</summary>
    public override string ToString() => $"{Name}: {Type.DisplayName()}{Shape}";
}

/// <summary>What a reader of one format finds in a file.</summary>
/// <param name="Format">The format in words, such as "PyTorch checkpoint (zip)".</param>
/// <param name="Tensors">The tensors, in the file's own order where it has one.</param>
/// <param name="Remarks">What a user should know, each the end of a sentence that begins with the file's name.</param>
internal sealed record WeightContent(string Format, IReadOnlyList<WeightTensor> Tensors, IReadOnlyList<string> Remarks);
