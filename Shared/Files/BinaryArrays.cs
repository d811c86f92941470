using System.Runtime.InteropServices;

namespace CnnOnnx.Files;

/// <summary>Arrays of numbers in binary files, as they lie in memory: little endian on every processor that runs this.</summary>
internal static class BinaryArrays
{
    /// <summary>Writes all elements, without their number.</summary>
    public static void WriteArray<T>(this BinaryWriter writer, ReadOnlySpan<T> values) where T : unmanaged =>
        writer.Write(MemoryMarshal.AsBytes(values));

    /// <summary>Reads elements.</summary>
    /// <param name="reader">Stands in front of the first.</param>
    /// <param name="count">Number of elements.</param>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public static T[] ReadArray<T>(this BinaryReader reader, int count) where T : unmanaged
    {
        // A damaged file may claim anything.
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / Marshal.SizeOf<T>())
            throw new EndOfStreamException();
        var values = new T[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
