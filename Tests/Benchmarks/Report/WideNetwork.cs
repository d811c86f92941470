using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Benchmarks.Report;

/// <summary>As many tensors and channels as a report has to stand: depthwise convolutions and rectifiers in turn, maps of 2×2.</summary>
internal static class WideNetwork
{
    public const int Tensors = 400, Channels = 2048, Side = 2;

    /// <summary>Writes the model and an input for it.</summary>
    public static (string Model, string Input) Write(string folder, int tensors = Tensors, int channels = Channels)
    {
        var random = new Random(1);
        var graph = new GraphBuilder("wide");
        string last = graph.Input("x", ElementType.Float, 1, channels, Side, Side);
        for (int i = 0; i < tensors; i += 2)
        {
            string weight = graph.Initializer($"block{i}.conv.weight", Noise(random, channels, 1, 1, 1)),
                bias = graph.Initializer($"block{i}.conv.bias", Noise(random, channels));
            last = graph.Node("Conv", $"block{i}.conv", [last, weight, bias], ("group", (long)channels));
            last = graph.Node("Relu", $"block{i}.relu", [last]);
        }

        graph.Output(last, ElementType.Float, 1, channels, Side, Side);
        (string model, string input) = (Path.Combine(folder, "wide.onnx"), Path.Combine(folder, "x.npy"));
        graph.Build().Save(model);
        NpyFile.Write(input, Noise(random, 1, channels, Side, Side));
        return (model, input);
    }

    private static TensorData Noise(Random random, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(2 * random.NextDouble() - 1);
        return TensorData.FromArray(values, new TensorShape(shape));
    }
}
