using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>
/// What precedes the numbers of a NumPy array file: a magic, a version, and a Python dictionary with element type, order and
/// shape, padded so that the numbers start at a multiple of 64 bytes.
/// </summary>
internal sealed partial record NpyHeader(ElementType Type, TensorShape Shape, bool IsFortranOrder, bool IsBigEndian)
{
    private const int Alignment = 64;
    private const int MaxLength = 1 << 16;

    // NumPy has no names for bfloat16 and what is smaller than a byte.
    private static readonly FrozenDictionary<ElementType, string> Codes = new Dictionary<ElementType, string>
    {
        [ElementType.Float] = "f4",
        [ElementType.Double] = "f8",
        [ElementType.Float16] = "f2",
        [ElementType.Int8] = "i1",
        [ElementType.Int16] = "i2",
        [ElementType.Int32] = "i4",
        [ElementType.Int64] = "i8",
        [ElementType.UInt8] = "u1",
        [ElementType.UInt16] = "u2",
        [ElementType.UInt32] = "u4",
        [ElementType.UInt64] = "u8",
        [ElementType.Bool] = "b1",
        [ElementType.Complex64] = "c8",
        [ElementType.Complex128] = "c16",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ElementType> Types = Codes.ToFrozenDictionary(row => row.Value, row => row.Key);

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static bool CanWrite(ElementType type) => Codes.ContainsKey(type);

    /// <summary>The header of an array in C order, version 1.0.</summary>
    public static byte[] Write(ElementType type, TensorShape shape)
    {
        if (!Codes.TryGetValue(type, out string? code))
            throw new BadInputException($"NumPy has no element type {type.DisplayName()}");
        string order = type.SizeInBytes(1) == 1 ? "|" : "<";
        string dims = string.Join(", ", shape.Dims.Select(d => d.ToString(CultureInfo.InvariantCulture))) + (shape.Rank == 1 ? "," : "");
        string text = $"{{'descr': '{order}{code}', 'fortran_order': False, 'shape': ({dims}), }}";
        int preamble = Magic.Length + 4;
        int length = (preamble + text.Length + 1 + Alignment - 1) / Alignment * Alignment - preamble;
        return [.. Magic, 1, 0, (byte)length, (byte)(length >> 8), .. Encoding.ASCII.GetBytes(text.PadRight(length - 1)), (byte)'\n'];
    }

    /// <summary>Leaves the stream at the first number.</summary>
    /// <exception cref="BadInputException">Not an array file, or one of a type that tensors do not have.</exception>
    public static NpyHeader Read(Stream stream, string where)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.StartsWith(Magic))
            throw new BadInputException($"{where}: is not a NumPy array (.npy)");
        int version = start[6];
        if (version is < 1 or > 3)
            throw new BadInputException($"{where}: NumPy array format {version}.{start[7]}, expected 1.0, 2.0 or 3.0");

        byte[] size = new byte[version == 1 ? 2 : 4];
        ReadAll(stream, size, where);
        uint length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > MaxLength)
            throw new BadInputException($"{where}: the header takes {length} bytes, expected at most {MaxLength}");
        byte[] text = new byte[length];
        ReadAll(stream, text, where);
        return Parse(Encoding.UTF8.GetString(text), where);
    }

    private static NpyHeader Parse(string text, string where)
    {
        Match descr = Descr().Match(text), order = Order().Match(text), shape = Shapes().Match(text);
        if (!descr.Success || !order.Success || !shape.Success)
            throw new BadInputException($"{where}: the header is '{text.Trim()}'; expected a plain element type, an order and a shape");
        if (!Types.TryGetValue(descr.Groups["code"].Value, out ElementType type))
            throw new BadInputException(
                $"{where}: element type '{descr.Groups["code"].Value}'; expected one of"
                    + $" {string.Join(", ", Types.Keys.Order(StringComparer.Ordinal))}");
        try
        {
            long[] dims = [.. shape.Groups["dims"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(d => long.Parse(d, NumberStyles.None, CultureInfo.InvariantCulture))];
            var header = new NpyHeader(type, new TensorShape(dims), order.Groups["is"].Value == "True", descr.Groups["order"].Value == ">");
            long bytes = type.SizeInBytes(header.Shape.Count);
            return bytes <= Array.MaxLength
                ? header
                : throw new BadInputException(
                    $"{where}: {type.DisplayName()}{header.Shape} takes {bytes} bytes, expected at most {Array.MaxLength}");
        }
        catch (OverflowException fault)
        {
            throw new BadInputException($"{where}: the shape ({shape.Groups["dims"].Value}) is too large", fault);
        }
    }

    internal static void ReadAll(Stream stream, Span<byte> bytes, string where)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new BadInputException($"{where}: the array ends early");
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"](?<order>[<>|=]?)(?<code>[a-zA-Z]\d*)['"]""")]
    private static partial Regex Descr();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(?<is>True|False)""")]
    private static partial Regex Order();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\((?<dims>\s*(\d+\s*,\s*)*(\d+\s*)?)\)""")]
    private static partial Regex Shapes();
}
