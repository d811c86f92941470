using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Parity;

/// <summary>Inputs for a model when no picture is given: seeded noise in the shapes that it declares.</summary>
internal static class ParityInputs
{
    // What most classifiers take; only used where a model leaves its size open.
    private const long OpenSide = 224;
    private const long MostElements = 1 << 27;

    /// <summary>One tensor for each input; floats in 0..1 times the scale, integers from 0 to 9, booleans either way.</summary>
    /// <param name="scale">Of floats: 255 for a model that takes whole pixel values.</param>
    public static Dictionary<string, TensorData> Noise(OnnxGraph graph, int seed, double scale)
    {
        var random = new Random(seed);
        return graph.Inputs.Where(i => i.Kind == OnnxValueKind.Tensor && i.ElementType != ElementType.String && i.Shape is not null)
            .ToDictionary(i => i.Name, i => Noise(i, random, scale));
    }

    private static TensorData Noise(OnnxValue input, Random random, double scale)
    {
        if (input.ElementType == ElementType.Undefined || !Enum.IsDefined(input.ElementType))
            throw new BadInputException($"input '{input.Name}' has no element type, expected one to make noise of");
        var shape = new TensorShape([.. input.Shape!.Value.Select((dim, axis) => dim.Size ?? (axis < 2 ? 1 : OpenSide))]);
        if (shape.Dims.Aggregate(1.0, (count, dim) => count * dim) > MostElements)
            throw new BadInputException($"input '{input}' would take more than {MostElements} elements of noise");
        byte[] bytes = new byte[input.ElementType.SizeInBytes(shape.Count)];
        Action<int> fill = input.ElementType switch
        {
            ElementType.Float => i => Set(bytes, i, (float)(random.NextDouble() * scale)),
            ElementType.Double => i => Set(bytes, i, random.NextDouble() * scale),
            ElementType.Float16 => i => Set(bytes, i, (Half)(random.NextDouble() * scale)),
            ElementType.Int64 => i => Set(bytes, i, (long)random.Next(10)),
            ElementType.Int32 => i => Set(bytes, i, random.Next(10)),
            ElementType.UInt8 or ElementType.Int8 => i => bytes[i] = (byte)random.Next(10),
            ElementType.Bool => i => bytes[i] = (byte)random.Next(2),
            _ => _ => { }
            ,
        };
        for (int i = 0; i < shape.Count; i++)
            fill(i);
        return new TensorData(input.ElementType, shape, bytes);
    }

    private static void Set<T>(byte[] bytes, int index, T value) where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes.AsSpan())[index] = value;
}
