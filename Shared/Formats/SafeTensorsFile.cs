using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using CnnOnnx.Files;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>A tensor of a safetensors file: what the file's header says about it.</summary>
internal sealed record SafeTensor(string Name, ElementType Type, TensorShape Shape)
{
    /// <summary>Bytes of its elements.</summary>
    public long Bytes => Type.SizeInBytes(Shape.Count);

    /// <summary>Type and shape as the format writes them, such as F32 [3, 4].</summary>
    public override string ToString() => $"{SafeTensorsFile.NameOf(Type)} {Shape}";
}

/// <summary>
/// Tensors and texts in one file, in the safetensors layout: the header's length (8 bytes), the header as JSON, the elements
/// in little endian. Opening checks every length against the file; elements are read when they are asked for.
/// https://github.com/huggingface/safetensors#format
/// </summary>
internal sealed class SafeTensorsFile : IDisposable
{
    private const string MetadataKey = "__metadata__";
    private const int MostHeaderBytes = 100_000_000;
    private const int Alignment = 8;

    private static readonly FrozenDictionary<string, ElementType> Types = new Dictionary<string, ElementType>
    {
        ["F64"] = ElementType.Double,
        ["F32"] = ElementType.Float,
        ["F16"] = ElementType.Float16,
        ["BF16"] = ElementType.BFloat16,
        ["F8_E4M3"] = ElementType.Float8E4M3FN,
        ["F8_E5M2"] = ElementType.Float8E5M2,
        ["F8_E4M3FNUZ"] = ElementType.Float8E4M3FNUZ,
        ["F8_E5M2FNUZ"] = ElementType.Float8E5M2FNUZ,
        ["F8_E8M0"] = ElementType.Float8E8M0,
        ["F4"] = ElementType.Float4E2M1,
        ["C64"] = ElementType.Complex64,
        ["I64"] = ElementType.Int64,
        ["I32"] = ElementType.Int32,
        ["I16"] = ElementType.Int16,
        ["I8"] = ElementType.Int8,
        ["U64"] = ElementType.UInt64,
        ["U32"] = ElementType.UInt32,
        ["U16"] = ElementType.UInt16,
        ["U8"] = ElementType.UInt8,
        ["BOOL"] = ElementType.Bool,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ElementType, string> Names = Types.ToFrozenDictionary(t => t.Value, t => t.Key);

    private readonly FileStream _file;
    private readonly string _path;
    private readonly FrozenDictionary<string, long> _starts;

    private SafeTensorsFile(FileStream file, string path, FrozenDictionary<string, string> texts, (SafeTensor Tensor, long Start)[] tensors)
    {
        (_file, _path, Texts) = (file, path, texts);
        InOrder = [.. tensors.Select(t => t.Tensor)];
        Tensors = tensors.ToFrozenDictionary(t => t.Tensor.Name, t => t.Tensor);
        _starts = tensors.ToFrozenDictionary(t => t.Tensor.Name, t => t.Start);
    }

    /// <summary>In the order of their elements in the file.</summary>
    public IReadOnlyList<SafeTensor> InOrder { get; }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, SafeTensor> Tensors { get; }

    /// <summary>The file's metadata: texts by key.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; }

    /// <summary>Writes a whole file or none.</summary>
    /// <param name="tensors">Tensors in the order of their elements in the file.</param>
    /// <param name="texts">The file's metadata.</param>
    /// <param name="write">Writes the elements of a tensor, in row order and little endian: as many bytes as it has.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string> texts,
        Action<SafeTensor, Stream> write)
    {
        byte[] header = Header(tensors, texts);
        AtomicFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            foreach (SafeTensor tensor in tensors)
                write(tensor, file);
        });
    }

    /// <summary>Reads the header and checks it. The caller disposes the file.</summary>
    /// <param name="what">Kind of file that is expected, for messages.</param>
    /// <exception cref="BadInputException">Not such a file, damaged, or cut off.</exception>
    public static SafeTensorsFile Open(string path, string what = "safetensors file") => Guarded(path, what, () =>
    {
        FileStream file = File.OpenRead(path);
        try
        {
            return Parse(file, path, what);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <summary>Reads bytes of a tensor.</summary>
    /// <param name="name">A name of <see cref="Tensors"/>.</param>
    /// <param name="offset">The first of the bytes, counted from the tensor's own first.</param>
    /// <param name="bytes">Filled.</param>
    /// <exception cref="BadInputException">The file cannot be read any more.</exception>
    public void Read(string name, long offset, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, Tensors[name].Bytes);
        try
        {
            _file.Position = _starts[name] + offset;
            _file.ReadExactly(bytes);
        }
        catch (IOException fault)
        {
            throw new BadInputException($"{_path}: cannot be read: {fault.Message}", fault);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The format's name of a type; its ONNX name where the format has none.</summary>
    public static string NameOf(ElementType type) => Names.GetValueOrDefault(type, type.DisplayName());

    private static SafeTensorsFile Parse(FileStream file, string path, string what)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        file.ReadExactly(length);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerBytes > MostHeaderBytes || headerBytes > (ulong)file.Length)
            throw new BadInputException($"{path}: is not a {what}, or it is damaged");
        byte[] header = new byte[headerBytes];
        file.ReadExactly(header);
        long start = file.Position, room = file.Length - start;
        var texts = new Dictionary<string, string>();
        var tensors = new List<(SafeTensor Tensor, long Start)>();
        using var json = JsonDocument.Parse(header);
        foreach (JsonProperty entry in json.RootElement.EnumerateObject())
        {
            if (entry.Name == MetadataKey)
            {
                foreach (JsonProperty text in entry.Value.EnumerateObject())
                    texts[text.Name] = text.Value.GetString() ?? "";
                continue;
            }

            SafeTensor tensor = Described(entry);
            long[] offsets = Numbers(entry.Value, "data_offsets");
            if (offsets is not [>= 0 and var first, >= 0 and var end] || end - first != tensor.Bytes)
                throw new FormatException(
                    $"'{entry.Name}' is {tensor} in bytes [{string.Join(", ", offsets)}], expected {tensor.Bytes} bytes");
            if (end > room)
                throw new EndOfStreamException();
            tensors.Add((tensor, start + first));
        }

        tensors.Sort((a, b) => (a.Start, a.Start + a.Tensor.Bytes).CompareTo((b.Start, b.Start + b.Tensor.Bytes)));
        CheckPlaces(tensors, start, room);
        return new SafeTensorsFile(file, path, texts.ToFrozenDictionary(), [.. tensors]);
    }

    // The format leaves no hole and no byte twice: what is between tensors could be anything.
    private static void CheckPlaces(List<(SafeTensor Tensor, long Start)> tensors, long start, long room)
    {
        long reached = start;
        foreach ((SafeTensor tensor, long first) in tensors)
        {
            if (first != reached)
                throw new FormatException($"'{tensor.Name}' begins at byte {first - start} of the elements, expected {reached - start}: "
                    + (first < reached ? "it lies over the tensor before it" : "there is a hole before it"));
            reached = first + tensor.Bytes;
        }

        if (reached != start + room)
            throw new FormatException($"{start + room - reached} bytes follow the last tensor, expected none");
    }

    private static SafeTensor Described(JsonProperty entry)
    {
        string type = entry.Value.GetProperty("dtype").GetString() ?? "";
        long[] dims = Numbers(entry.Value, "shape");
        if (!Types.TryGetValue(type, out ElementType element) || dims.Any(size => size < 0))
            throw new FormatException($"'{entry.Name}' is {type} [{string.Join(", ", dims)}], "
                + $"expected a type of {string.Join(", ", Types.Keys.Order())} and sizes from 0");
        return new SafeTensor(entry.Name, element, new TensorShape(dims));
    }

    private static long[] Numbers(JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().Select(n => n.GetInt64())];

    private static byte[] Header(IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string> texts)
    {
        var header = new JsonObject { [MetadataKey] = new JsonObject(texts.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))) };
        long offset = 0;
        foreach (SafeTensor tensor in tensors)
        {
            long end = offset + tensor.Bytes;
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = Names[tensor.Type],
                ["shape"] = new JsonArray([.. tensor.Shape.Dims.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] padded = new byte[(json.Length + Alignment - 1) / Alignment * Alignment];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }

    private static T Guarded<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException fault)
        {
            throw new BadInputException($"{path}: ends early; the file is cut off", fault);
        }
        // what JSON says of another shape than the format's, and sizes whose product is no number
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException
            or OverflowException or ArgumentException)
        {
            throw new BadInputException($"{path}: is not a {what}, or it is damaged ({fault.Message})", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }
}
