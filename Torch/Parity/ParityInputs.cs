using System.Runtime.InteropServices;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Parity;

/// <summary>Inputs for a model when no picture is given: seeded noise in the shapes that it declares.</summary>
internal static class ParityInputs
{
    // What most classifiers take; only used where a model leaves its size open.
    private const long OpenSide = 224;
    private const long MostElements = 1 << 27;

    /// <summary>Makes a tensor for each input; floats in 0..1 times the scale, integers from 0 to 9, booleans either way.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">Start of the random numbers.</param>
    /// <param name="scale">Largest float: 255 for a model that takes whole pixel values.</param>
    /// <param name="size">
    /// Height and width in pixels of the input that takes pictures, where the model leaves them open; 224 when not given.
    /// </param>
    /// <exception cref="BadInputException">An input has no element type, another size, or too many elements.</exception>
    public static Dictionary<string, TensorData> Noise(OnnxGraph graph, int seed, double scale, (int Height, int Width)? size = null)
    {
        var random = new Random(seed);
        PictureInput? picture = PictureInput.Find(graph);
        return graph.Inputs.Where(i => i.Kind == OnnxValueKind.Tensor && i.ElementType != ElementType.String && i.Shape is not null)
            .ToDictionary(i => i.Name, i => Noise(i, ShapeOf(i, i.Name == picture?.Name ? picture.Axes : null, size), random, scale));
    }

    private static TensorShape ShapeOf(OnnxValue input, PictureAxes? axes, (int Height, int Width)? size)
    {
        long[] dims = [.. input.Shape!.Value.Select((dim, axis) => dim.Size ?? (axis < 2 ? 1 : OpenSide))];
        // Three axes are as often a sequence.
        if (axes is null || dims.Length < 4)
            return new TensorShape(dims);
        foreach ((int axis, int? side) in new[] { (axes.Height, size?.Height), (axes.Width, size?.Width) })
        {
            if (input.Shape!.Value[axis].Size is { } declared && side is not null && side != declared)
                throw new BadInputException($"input '{input}' declares its size, got {size!.Value.Height}x{size.Value.Width}");
            dims[axis] = input.Shape!.Value[axis].Size ?? side ?? OpenSide;
        }

        if (input.Shape!.Value[axes.Channel].Size is null)
            dims[axes.Channel] = 1;
        return new TensorShape(dims);
    }

    private static TensorData Noise(OnnxValue input, TensorShape shape, Random random, double scale)
    {
        if (input.ElementType == ElementType.Undefined || !Enum.IsDefined(input.ElementType))
            throw new BadInputException($"input '{input.Name}' has no element type, expected one to make noise of");
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

    private static void Set<T>(byte[] bytes, int index, T value) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(bytes.AsSpan())[index] = value;
}
