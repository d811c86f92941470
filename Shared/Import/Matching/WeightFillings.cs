using System.Runtime.InteropServices;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>Where the new elements of a graph's initializers come from; each is made when it is written.</summary>
internal sealed class WeightFillings
{
    private readonly Dictionary<string, (string From, Func<byte[]> Load)> _fillings = [];

    public IEnumerable<string> Names => _fillings.Keys;

    public bool Has(string initializer) => _fillings.ContainsKey(initializer);

    /// <summary>Elements of an initializer; null to keep its own.</summary>
    public ReadOnlyMemory<byte>? Load(OnnxTensor initializer) =>
        _fillings.TryGetValue(initializer.Name, out var filling) ? (ReadOnlyMemory<byte>?)filling.Load() : null;

    /// <summary>The elements of a tensor of the checkpoint.</summary>
    /// <param name="target">The initializer.</param>
    /// <param name="source">The tensor.</param>
    /// <param name="isTurned">Rows become columns.</param>
    public void Put(OnnxTensor target, WeightTensor source, bool isTurned = false)
    {
        if (source.Type == target.ElementType && !isTurned)
            Put(target, source.Name, () => source.Load().Bytes.ToArray());
        else
            Put(target, source.Name, source.Shape, () => source.Load().ToFloats(), isTurned);
    }

    /// <summary>Numbers that are computed of several tensors.</summary>
    /// <param name="target">The initializer.</param>
    /// <param name="from">Names of the tensors.</param>
    /// <param name="shape">Shape of the numbers.</param>
    /// <param name="values">Computes them.</param>
    /// <param name="isTurned">Rows become columns.</param>
    public void Put(OnnxTensor target, string from, TensorShape shape, Func<float[]> values, bool isTurned = false) =>
        Put(target, from, () => Converted(isTurned ? Turned(values(), shape) : values(), target));

    private void Put(OnnxTensor target, string from, Func<byte[]> load)
    {
        if (_fillings.TryGetValue(target.Name, out var known) && known.From != from && !known.Load().AsSpan().SequenceEqual(load()))
            throw new BadInputException($"initializer '{target.Name}' is used in two places, for which the checkpoint has two tensors that "
                + $"differ: {known.From} and {from}; export the graph with an initializer for each");
        _fillings[target.Name] = (from, load);
    }

    /// <summary>A matrix with its rows as columns.</summary>
    public static float[] Turned(float[] values, TensorShape shape)
    {
        int rows = (int)shape[0], columns = (int)shape[1];
        float[] turned = new float[values.Length];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                turned[(column * rows) + row] = values[(row * columns) + column];
        return turned;
    }

    private static byte[] Converted(float[] values, OnnxTensor target) => target.ElementType switch
    {
        ElementType.Float => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        ElementType.Double => MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (double)value).AsSpan()).ToArray(),
        ElementType.Float16 => MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (Half)value).AsSpan()).ToArray(),
        ElementType.BFloat16 => MemoryMarshal.AsBytes(Array.ConvertAll(values, BFloat16).AsSpan()).ToArray(),
        var type => throw new BadInputException($"initializer '{target.Name}' is {type.DisplayName()}, expected real numbers"),
    };

    // The upper half of a float32, rounded to even.
    private static ushort BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7fc0 : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
