using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Benchmarks.Report;

/// <summary>As many tensors and channels as a report has to stand: depthwise convolutions and rectifiers in turn, maps of 2×2.</summary>
internal static class WideNetwork
{
    public const int Tensors = 400, Channels = 2048, Side = 2;

    /// <summary>Writes the model and an input for it.</summary>
    public static (string Model, string Input) Write(string folder)
    {
        var random = new Random(1);
        var graph = new GraphBuilder("wide");
        string last = graph.Input("x", ElementType.Float, 1, Channels, Side, Side);
        for (int i = 0; i < Tensors; i += 2)
        {
            string weight = graph.Initializer($"block{i}.conv.weight", Noise(random, Channels, 1, 1, 1)),
                bias = graph.Initializer($"block{i}.conv.bias", Noise(random, Channels));
            last = graph.Node("Conv", $"block{i}.conv", [last, weight, bias], ("group", (long)Channels));
            last = graph.Node("Relu", $"block{i}.relu", [last]);
        }

        graph.Output(last, ElementType.Float, 1, Channels, Side, Side);
        (string model, string input) = (Path.Combine(folder, "wide.onnx"), Path.Combine(folder, "x.npy"));
        graph.Build().Save(model);
        NpyFile.Write(input, Noise(random, 1, Channels, Side, Side));
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
