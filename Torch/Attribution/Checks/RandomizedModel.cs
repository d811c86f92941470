using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// The same network with weights that know nothing: the numbers of each weight in another order, so that their sizes stay what they
/// were. A map that looks the same with them shows the picture and not what was learnt (Adebayo et al. 2018, arXiv 1810.03292).
/// </summary>
internal static class RandomizedModel
{
    /// <summary>Shuffles weights.</summary>
    /// <param name="model">Stays as it is.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="last">True for the last weight alone, that of the classifier; false for all.</param>
    /// <returns>The model, and how many weights were shuffled.</returns>
    public static (OnnxModel Model, int Shuffled) Of(OnnxModel model, int seed, bool last)
    {
        OnnxModel inlined = model.Inlined.WithConstantWeights();
        string[] weights = [.. inlined.Graph.Nodes.SelectMany(node => node.Inputs).Distinct().Where(name =>
            inlined.Graph.Initializer.TryGetValue(name, out OnnxTensor? tensor) && tensor.Shape.Rank > 1 && tensor.HasData
            && tensor.ElementType is ElementType.Float or ElementType.Float16 or ElementType.Double or ElementType.Int8 or ElementType.UInt8
            && tensor.Shape.Count > 1)];
        string[] shuffled = last ? [.. weights.TakeLast(1)] : weights;
        var random = new Random(seed);
        return (inlined.WithValues(shuffled.ToDictionary(name => name, name => Shuffle(inlined.Graph.Initializer[name].Load(), random))),
            shuffled.Length);
    }

    private static byte[] Shuffle(TensorData data, Random random)
    {
        byte[] bytes = data.Bytes.ToArray();
        switch (data.Type.SizeInBytes(1))
        {
            case sizeof(double):
                random.Shuffle(MemoryMarshal.Cast<byte, double>(bytes.AsSpan()));
                break;
            case sizeof(float):
                random.Shuffle(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
                break;
            case sizeof(short):
                random.Shuffle(MemoryMarshal.Cast<byte, short>(bytes.AsSpan()));
                break;
            default:
                random.Shuffle(bytes.AsSpan());
                break;
        }

        return bytes;
    }
}
