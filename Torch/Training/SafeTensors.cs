using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using CnnOnnx.Files;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Tensors and a text in one file, in the safetensors layout: the header's length (8 bytes), the header as JSON, the elements.
/// https://github.com/huggingface/safetensors#format
/// </summary>
internal static class SafeTensors
{
    private const string MetadataKey = "__metadata__";
    private const int MostHeaderBytes = 100_000_000;
    private const int Alignment = 8;

    // Spans end at 2 GB, weights do not.
    private const long ChunkElements = 1 << 26;

    private static readonly FrozenDictionary<ScalarType, string> TypeNames = new Dictionary<ScalarType, string>
    {
        [ScalarType.Float64] = "F64",
        [ScalarType.Float32] = "F32",
        [ScalarType.Float16] = "F16",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Int64] = "I64",
        [ScalarType.Int32] = "I32",
        [ScalarType.Byte] = "U8",
    }.ToFrozenDictionary();

    /// <summary>Writes tensors by name, from whatever device, and a text by key; whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, string key, string text)
    {
        byte[] header = Header(tensors, key, text);
        AtomicFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            foreach ((_, Tensor value) in tensors)
                ForEachChunk(value, chunk => file.Write(chunk));
        });
    }

    /// <summary>Reads the text that was written under the key.</summary>
    /// <exception cref="BadInputException">Not such a file, or without this key.</exception>
    public static string ReadText(string path, string key) => Open(path, (_, header) =>
        header[MetadataKey]?[key]?.GetValue<string>() ?? throw new BadInputException($"{path}: holds no {key}"));

    /// <summary>Copies the elements of a file into tensors that have the same names, types and shapes.</summary>
    /// <exception cref="BadInputException">Not such a file, cut off, a tensor is missing or another one.</exception>
    public static void ReadInto(string path, IReadOnlyList<(string Name, Tensor Value)> tensors) => Open(path, (file, header) =>
    {
        long start = file.Position;
        foreach ((string name, Tensor value) in tensors)
        {
            string expected = Describe(value);
            string found = header[name] is { } entry ? $"{entry["dtype"]} [{string.Join(", ", entry["shape"]!.AsArray())}]" : "nothing";
            if (found != expected)
                throw new BadInputException($"{path}: '{name}' is {found}, expected {expected}");
            file.Position = start + header[name]!["data_offsets"]![0]!.GetValue<long>();
            bool isPlain = value.device_type == TorchSharp.DeviceType.CPU && value.is_contiguous();
            using Tensor near = isPlain ? value.alias() : empty(value.shape, value.dtype);
            ForEachChunk(near, chunk => file.ReadExactly(chunk));
            if (!isPlain)
                using (no_grad())
                    value.copy_(near);
        }

        return true;
    });

    private delegate void ChunkAction(Span<byte> chunk);

    private static void ForEachChunk(Tensor value, ChunkAction action)
    {
        using Tensor plain = value.detach();
        using Tensor near = plain.cpu();
        using Tensor dense = near.contiguous();
        using Tensor flat = dense.flatten();
        long count = flat.numel();
        for (long start = 0; start < count; start += ChunkElements)
        {
            using Tensor chunk = flat.narrow(0, start, Math.Min(ChunkElements, count - start));
            action(chunk.bytes);
        }
    }

    private static byte[] Header(IReadOnlyList<(string Name, Tensor Value)> tensors, string key, string text)
    {
        var header = new JsonObject { [MetadataKey] = new JsonObject { [key] = text } };
        long offset = 0;
        foreach ((string name, Tensor value) in tensors)
        {
            long end = offset + (value.numel() * value.element_size());
            header[name] = new JsonObject
            {
                ["dtype"] = TypeNames[value.dtype],
                ["shape"] = new JsonArray([.. value.shape.Select(size => (JsonNode)size)]),
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

    private static T Open<T>(string path, Func<FileStream, JsonNode, T> read)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            file.ReadExactly(length);
            ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
            if (headerBytes > MostHeaderBytes || headerBytes > (ulong)file.Length)
                throw new BadInputException($"{path}: is not a checkpoint, or it is damaged");
            byte[] header = new byte[headerBytes];
            file.ReadExactly(header);
            return read(file, JsonNode.Parse(header) ?? throw new JsonException("empty"));
        }
        catch (EndOfStreamException fault)
        {
            throw new BadInputException($"{path}: ends early; the file is cut off", fault);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new BadInputException($"{path}: is not a checkpoint, or it is damaged ({fault.Message})", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    private static string Describe(Tensor value) => $"{TypeNames[value.dtype]} [{string.Join(", ", value.shape)}]";
}
