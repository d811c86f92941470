using System.Buffers.Binary;
using System.IO.Compression;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// An IDX file of bytes, as MNIST and its kin come in: two zero bytes, the element type (8: bytes), the number of axes, each
/// axis as a big endian 32-bit number, then the elements. Compressed with gzip or plain.
/// </summary>
/// <param name="Dims">Sizes of the axes; the first counts the items.</param>
internal sealed record IdxFile(int[] Dims, byte[] Elements)
{
    private const int BytesType = 8;

    // Deflate cannot do better, so a file that claims more than this lies, and memory is not spent on it.
    private const int MostCompression = 1032;

    /// <param name="path">The file.</param>
    /// <param name="axes">Number of axes that are expected: 3 for pictures, 1 for labels.</param>
    /// <exception cref="BadInputException">Not an IDX file of bytes with so many axes, cut off, damaged, or too long.</exception>
    public static IdxFile Read(string path, int axes)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream content = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Read(content, path, axes, content == file ? file.Length : file.Length * MostCompression);
        }
        catch (InvalidDataException fault)
        {
            throw new BadInputException($"{path}: the gzip file is damaged or ends early ({fault.Message})", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    private static IdxFile Read(Stream content, string path, int axes, long mostBytes)
    {
        byte[] header = new byte[4 + (4 * axes)];
        int got = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        uint expected = (BytesType << 8) | (uint)axes;
        if (got >= 4 && BinaryPrimitives.ReadUInt32BigEndian(header) is var magic && magic != expected)
            throw new BadInputException($"{path}: starts with 0x{magic:X8}, expected 0x{expected:X8} of an IDX file with {axes} "
                + $"{(axes == 1 ? "axis" : "axes")} of bytes");
        if (got < header.Length)
            throw new BadInputException($"{path}: ends after {got} bytes, expected an IDX header of {header.Length}");

        uint[] dims = [.. Enumerable.Range(0, axes).Select(i => BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + (4 * i))))];
        double claimed = dims.Aggregate(1.0, (product, size) => product * size);
        if (claimed > Array.MaxLength || claimed > mostBytes || claimed == 0)
            throw new BadInputException($"{path}: claims [{string.Join(", ", dims)}] elements, which the file cannot hold; it is "
                + "damaged or cut off");

        byte[] elements = new byte[(int)claimed];
        got = content.ReadAtLeast(elements, elements.Length, throwOnEndOfStream: false);
        if (got < elements.Length)
            throw new BadInputException($"{path}: ends after {got:N0} of {elements.Length:N0} elements; the file is cut off");
        if (content.ReadByte() >= 0)
            throw new BadInputException($"{path}: goes on after its {elements.Length:N0} elements; expected "
                + $"[{string.Join(", ", dims)}] and no more");
        return new IdxFile([.. dims.Select(size => (int)size)], elements);
    }

    private static bool IsGzip(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        int got = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return got == 2 && start is [0x1F, 0x8B];
    }
}
