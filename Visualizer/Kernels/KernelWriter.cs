using System.Globalization;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Kernels;

/// <summary>Draws a model's weights into files: kernels/0003_conv2.weight.png.</summary>
/// <param name="folder">Folder in which kernels/ is made.</param>
/// <param name="options">Colours and scale.</param>
/// <param name="threads">Number of weights that are drawn at once.</param>
internal sealed class KernelWriter(string folder, KernelOptions options, int threads)
{
    public const string Subfolder = "kernels";

    private const string ValuesFolder = $"{Subfolder}/values";

    // A page draws no more weights one by one: their picture is enough.
    private const int LargestValued = 1 << 20;

    /// <param name="weights">Weights, in the order in which the network uses them.</param>
    /// <param name="done">Called after each.</param>
    /// <param name="cancel">Stops between two weights.</param>
    /// <exception cref="BadInputException">A weight cannot be read, or the folder not written.</exception>
    public IReadOnlyList<KernelRecord> Write(IReadOnlyList<NetworkWeight> weights, Action<NetworkWeight> done, CancellationToken cancel)
    {
        var records = new KernelRecord[weights.Count];
        ParallelWork.For(weights.Count, threads, cancel, i =>
        {
            records[i] = Write(weights[i]);
            done(weights[i]);
        });
        return records;
    }

    private KernelRecord Write(NetworkWeight weight)
    {
        float[] values = weight.Load();
        KernelOptions own = options.For(weight);
        string file = string.Create(CultureInfo.InvariantCulture, $"{Subfolder}/{weight.Index:0000}_{SafeNames.Clean(weight.Name)}.png");
        (Size size, TileGrid? tiles) = WritePicture(Path.Combine(folder, file), values, weight, own);
        TensorStatistics facts = TensorStatistics.From(values);
        return new KernelRecord(weight.Name, weight.Node.OpType, weight.Node.Name, weight.Tensor.ElementType.DisplayName(),
            [.. weight.Shape.Dims], facts.Min, facts.Max, facts.Mean, facts.Std, facts.ZeroShare, weight.IsQuantized,
            file, size.Width, size.Height, tiles, WriteValues($"{ValuesFolder}/k{weight.Index}.js", values, weight),
            own.InputChannels == ChannelOrder.Gray ? null : own.InputChannels.ToString().ToLowerInvariant());
    }

    // The weights for the scripts of pages: a byte each, around 128, with the largest magnitude of each output.
    private string? WriteValues(string file, float[] values, NetworkWeight weight)
    {
        if (weight.Shape.Rank is < 2 or > 5 || values.Length is 0 or > LargestValued)
            return null;
        KernelSet kernels = KernelSet.Of(values, weight.Shape, weight.InputsFirst);
        float[] largest = new float[kernels.Outputs];
        byte[] codes = new byte[values.Length];
        for (int output = 0; output < kernels.Outputs; output++)
        {
            var range = MapFacts.Of(kernels.Kernel(output)).Range;
            largest[output] = float.IsFinite(range.MaxAbsolute) ? range.MaxAbsolute : 0;
            ValueScale.Symmetric(largest[output]).ToIndices(kernels.Kernel(output),
                codes.AsSpan(output * kernels.KernelLength, kernels.KernelLength));
        }

        SideScript.Write(folder, file, Html.Of($"""
            shape {kernels.Outputs} {kernels.Inputs} {kernels.Height} {kernels.Width}
            largest {largest.Length} {Html.Base64Of(largest)}
            codes {codes.Length} {Html.Base64Of(codes)}
            """));
        return file;
    }

    private static (Size Size, TileGrid? Tiles) WritePicture(string path, float[] values, NetworkWeight weight, KernelOptions look)
    {
        using IndexedPicture? picture = KernelPicture.Draw(values, weight.Shape, weight.Name, look);
        if (picture is not null)
        {
            picture.WritePng(path);
            return (new Size(picture.Width, picture.Height), picture.Tiles);
        }

        using Mat coloured = KernelPicture.RenderColoured(values, weight.Shape, weight.Name, look, out TileGrid tiles);
        PictureFile.Write(path, coloured);
        return (coloured.Size(), tiles);
    }
}
