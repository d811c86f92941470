using System.Collections.Frozen;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>The elements that tensors of a PyTorch file look at: one piece of the file, which several tensors may share.</summary>
/// <param name="key">Name in the file.</param>
/// <param name="type">Type of the elements; uint8 for a storage of bytes, whose tensors say their type themselves.</param>
/// <param name="count">Number of elements.</param>
internal sealed class TorchStorage(string key, ElementType type, long count)
{
    /// <summary>Types by the name of the storage's class without "Storage"; its module says only where it was in memory.</summary>
    public static FrozenDictionary<string, ElementType> Types { get; } = new Dictionary<string, ElementType>
    {
        ["Double"] = ElementType.Double,
        ["Float"] = ElementType.Float,
        ["Half"] = ElementType.Float16,
        ["BFloat16"] = ElementType.BFloat16,
        ["Long"] = ElementType.Int64,
        ["Int"] = ElementType.Int32,
        ["Short"] = ElementType.Int16,
        ["Char"] = ElementType.Int8,
        ["Byte"] = ElementType.UInt8,
        ["Bool"] = ElementType.Bool,
        ["ComplexFloat"] = ElementType.Complex64,
        ["ComplexDouble"] = ElementType.Complex128,
        ["QInt8"] = ElementType.Int8,
        ["QUInt8"] = ElementType.UInt8,
        ["QInt32"] = ElementType.Int32,
        ["Untyped"] = ElementType.UInt8,
    }.ToFrozenDictionary();

    public string Key => key;

    public ElementType Type => type;

    public long Count => count;

    public long Bytes => type.SizeInBytes(count);

    /// <summary>Reads so many bytes from a place in the storage; null as long as the file has not said where it lies.</summary>
    public Func<long, long, byte[]>? Reader { get; set; }

    /// <summary>The first byte of an element is its highest.</summary>
    public bool IsBigEndian { get; set; }
}

/// <summary>A part of a storage, as files before PyTorch 0.4 name them.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="First">Number of its first element.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchStoragePart(TorchStorage Storage, long First, long Count);
