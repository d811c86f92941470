using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>TorchSharp's tensors to and from a safetensors file, whatever device they are on.</summary>
internal static class TensorFile
{
    // Spans end at 2 GB, weights do not.
    private const long ChunkElements = 1 << 26;

    private delegate void ChunkAction(long offset, Span<byte> chunk);

    /// <summary>Writes tensors by name and a text by key; whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, string key, string text)
    {
        Dictionary<string, Tensor> byName = tensors.ToDictionary(t => t.Name, t => t.Value);
        SafeTensorsFile.Write(path, [.. tensors.Select(t => Described(t.Name, t.Value))], new Dictionary<string, string> { [key] = text },
            (tensor, file) => ForEachChunk(byName[tensor.Name], (_, chunk) => file.Write(chunk)));
    }

    /// <summary>Copies the elements of a file into tensors that have the same names, types and shapes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Path of the file, for messages.</param>
    /// <param name="tensors">Tensors to fill, by name.</param>
    /// <exception cref="BadInputException">A tensor is missing or another one.</exception>
    public static void ReadInto(SafeTensorsFile file, string path, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        foreach ((string name, Tensor value) in tensors)
        {
            string expected = Described(name, value).ToString(), found = file.Tensors.GetValueOrDefault(name)?.ToString() ?? "nothing";
            if (found != expected)
                throw new BadInputException($"{path}: '{name}' is {found}, expected {expected}");
            bool isPlain = value.device_type == TorchSharp.DeviceType.CPU && value.is_contiguous();
            using Tensor near = isPlain ? value.alias() : empty(value.shape, value.dtype);
            ForEachChunk(near, (offset, chunk) => file.Read(name, offset, chunk));
            if (!isPlain)
                using (no_grad())
                    value.copy_(near);
        }
    }

    private static SafeTensor Described(string name, Tensor value) =>
        new(name, TorchTensors.SameInMemory(value.dtype)!.Value, new TensorShape(value.shape));

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
            action(start * flat.element_size(), chunk.bytes);
        }
    }
}
