using System.Runtime.InteropServices;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// An initializer or a constant. Its name, type and shape are known; its elements are read from the model's file, or from
/// the file beside it, only when they are asked for.
/// </summary>
public sealed class OnnxTensor
{
    private readonly TensorProto _proto;
    private readonly string _modelSource;

    internal OnnxTensor(TensorProto proto, string modelSource)
    {
        (_proto, _modelSource) = (proto, modelSource);
        ElementType = (ElementType)proto.DataType;
        if (proto.Dims.Any(d => d < 0))
            throw Broken($"has a negative size in its shape [{string.Join(", ", proto.Dims)}]");
        Shape = new TensorShape([.. proto.Dims]);
        if (ElementType == ElementType.Undefined || (!ElementType.HasFixedSize() && ElementType != ElementType.String))
            throw Broken($"has element type {proto.DataType}, which ONNX does not define");
        CheckSize();
    }

    /// <summary>Name in the graph; may be empty for the value of a Constant node.</summary>
    public string Name => _proto.Name;

    /// <summary>Type of the elements in the file.</summary>
    public ElementType ElementType { get; }

    /// <summary>Sizes of the axes.</summary>
    public TensorShape Shape { get; }

    /// <summary>False for a weight of an architecture that has a shape and no values yet.</summary>
    public bool HasData => _proto.DataLocation == TensorProto.Types.DataLocation.External || _proto.HasRawData || StoredEntries > 0
        || Shape.Count == 0;

    internal TensorProto Proto => _proto;

    private long StoredEntries => _proto.FloatData.Count + (long)_proto.Int32Data.Count + _proto.Int64Data.Count
        + _proto.DoubleData.Count + _proto.Uint64Data.Count + _proto.StringData.Count;

    /// <summary>Reads the elements. A new copy each time: keep it if it is needed twice.</summary>
    /// <exception cref="OnnxException">There are none, or not as many as the shape asks for, or their file cannot be read.</exception>
    public TensorData Load()
    {
        if (ElementType == ElementType.String)
            throw Broken("holds strings, expected numbers");
        if (!HasData)
            throw Broken("has a shape but no values");
        if (Shape.Count == 0)
            return new TensorData(ElementType, Shape, ReadOnlyMemory<byte>.Empty);
        if (_proto.DataLocation == TensorProto.Types.DataLocation.External)
            return new TensorData(ElementType, Shape, ExternalData.Read(_proto, _modelSource, ElementType.SizeInBytes(Shape.Count)));
        return new TensorData(ElementType, Shape, _proto.HasRawData ? _proto.RawData.ToByteArray() : FromEntries());
    }

    /// <summary>The strings of a tensor of strings.</summary>
    public string[] LoadStrings() => ElementType == ElementType.String
        ? [.. _proto.StringData.Select(s => s.ToStringUtf8())]
        : throw Broken($"holds {ElementType.DisplayName()}, expected strings");

    /// <summary>One line, such as "conv1.weight: float32[6, 1, 5, 5]".</summary>
    public override string ToString() => $"{Name}: {ElementType.DisplayName()}{Shape}";

    private void CheckSize()
    {
        long count, bytes;
        try
        {
            count = Shape.Count;
            bytes = ElementType.HasFixedSize() ? ElementType.SizeInBytes(count) : 0;
        }
        catch (OverflowException)
        {
            throw Broken("has a shape whose size overflows");
        }

        if (_proto.DataLocation == TensorProto.Types.DataLocation.External)
            return;
        if (_proto.HasRawData && ElementType.HasFixedSize() && _proto.RawData.Length != bytes)
            throw Broken($"has {_proto.RawData.Length} bytes, expected {bytes} for its shape");
        if (!_proto.HasRawData && StoredEntries > 0 && StoredEntries != EntriesFor(count))
            throw Broken($"has {StoredEntries} values, expected {EntriesFor(count)} for its shape");
    }

    // Complex numbers take two entries; 4-bit ones share an entry in pairs, 2-bit ones in fours.
    private long EntriesFor(long count) => ElementType switch
    {
        ElementType.Complex64 or ElementType.Complex128 => checked(count * 2),
        ElementType.Int4 or ElementType.UInt4 or ElementType.Float4E2M1 => (count + 1) / 2,
        ElementType.Int2 or ElementType.UInt2 => (count + 3) / 4,
        _ => count,
    };

    private byte[] FromEntries() => ElementType switch
    {
        ElementType.Float or ElementType.Complex64 when _proto.FloatData.Count > 0 => Bytes<float>([.. _proto.FloatData]),
        ElementType.Double or ElementType.Complex128 when _proto.DoubleData.Count > 0 => Bytes<double>([.. _proto.DoubleData]),
        ElementType.Int64 when _proto.Int64Data.Count > 0 => Bytes<long>([.. _proto.Int64Data]),
        ElementType.UInt32 when _proto.Uint64Data.Count > 0 => Bytes<uint>([.. _proto.Uint64Data.Select(v => (uint)v)]),
        ElementType.UInt64 when _proto.Uint64Data.Count > 0 => Bytes<ulong>([.. _proto.Uint64Data]),
        ElementType.Int32 when _proto.Int32Data.Count > 0 => Bytes<int>([.. _proto.Int32Data]),
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 when _proto.Int32Data.Count > 0 =>
            Bytes<ushort>([.. _proto.Int32Data.Select(v => (ushort)v)]),
        _ when _proto.Int32Data.Count > 0 && ElementType.SizeInBytes(2) <= 2 => [.. _proto.Int32Data.Select(v => (byte)v)],
        _ => throw Broken($"stores {ElementType.DisplayName()} in a field that is not for it"),
    };

    private static byte[] Bytes<T>(T[] values) where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("ONNX stores little endian; this machine is big endian.");
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private OnnxException Broken(string problem) => new(_modelSource, $"tensor '{_proto.Name}' {problem}");
}
