using System.Globalization;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
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
            file, size.Width, size.Height, tiles);
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
