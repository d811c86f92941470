using System.Globalization;
using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Draws one tensor into files: its mosaic, or its channels.</summary>
/// <param name="folder">Of the dump.</param>
/// <param name="options">What to draw.</param>
/// <param name="labels">Names of the classes; a vector of as many values gets them.</param>
internal sealed class TensorWriter(string folder, DumpOptions options, IReadOnlyList<string>? labels)
{
    private readonly string _ending = MosaicFile.EndingOf(options.Format);
    private readonly ScaleRecord _scale = new(options.Mosaic.Scaling, Colormaps.NameOf(options.Mosaic.Colormap));

    /// <param name="index">Among all tensors of the model.</param>
    /// <param name="activation">The tensor.</param>
    /// <param name="numbers">What was measured of it.</param>
    /// <param name="safeName">For its channels' folder and its array; no other tensor has the same.</param>
    public TensorRecord Write(int index, Activation activation, TensorNumbers numbers, string safeName)
    {
        TensorStatistics facts = numbers.Whole;
        return new TensorRecord
        {
            Index = index,
            Name = activation.Name,
            Op = activation.Op,
            Node = activation.Node,
            Dtype = activation.ElementType.DisplayName(),
            Shape = [.. activation.Shape.Dims],
            Min = facts.Min,
            Max = facts.Max,
            Mean = facts.Mean,
            Std = facts.Std,
            Zeros = facts.ZeroShare,
            Nan = facts.NanCount,
            Inf = facts.PositiveInfinityCount + facts.NegativeInfinityCount,
            Percentiles = numbers.Percentiles,
            Histogram = numbers.Histogram,
            ByChannel = ChannelTable.Of(numbers.Channels),
            Scale = _scale,
            Picture = options.Channel is { } channel ? WriteOnly(activation, channel, safeName) : options.Has(DumpParts.Mosaics) ? WriteMosaic(index, activation) : null,
            Pca = options.Has(DumpParts.Pca) ? WritePca(index, activation) : null,
            Array = options.Npy ? WriteArray(activation, safeName) : null,
            Channels = options.EachChannel ? WriteEach(activation, safeName) : [],
        };
    }

    private WrittenPicture WriteMosaic(int index, Activation activation)
    {
        string file = string.Create(CultureInfo.InvariantCulture,
            $"mosaics/{index:0000}_{SafeNames.Clean(activation.Name)}_{SafeNames.Clean(activation.Op)}{_ending}");
        using IndexedPicture picture = Draw(activation);
        MosaicFile.Write(picture, Path.Combine(folder, file));
        return new WrittenPicture(file, picture.Width, picture.Height, picture.Tiles);
    }

    private LayerPictureRecord? WritePca(int index, Activation activation)
    {
        if (LayerPicture.Draw(activation.Values, activation.Shape, options.Mosaic.Sample) is not (var picture, var explained))
            return null;
        using Mat drawn = picture;
        string file = string.Create(CultureInfo.InvariantCulture, $"pca/{index:0000}.png");
        PictureFile.Write(Path.Combine(folder, file), drawn);
        return new LayerPictureRecord(file, drawn.Width, drawn.Height, [.. explained.Select(share => Math.Round(share, 4))]);
    }

    private string? WriteArray(Activation activation, string safeName)
    {
        if (!NpyFile.CanWrite(activation.ElementType))
            return null;
        string file = $"arrays/{safeName}.npy";
        AtomicFile.Write(Path.Combine(folder, file), stream => NpyFile.Write(stream, activation.ElementType, activation.Shape, activation.Raw));
        return file;
    }

    private IndexedPicture Draw(Activation activation)
    {
        FeatureMaps maps = FeatureMaps.Of(activation.Values, activation.Shape, options.Mosaic.Sample);
        return maps.IsVector && maps.Count == labels?.Count
            ? BarChart.Draw(activation.Values, activation.Shape, activation.Name, BarChartOptions.From(options.Mosaic) with { Labels = labels })
            : Mosaic.Draw(activation, options.Mosaic);
    }

    private WrittenPicture WriteOnly(Activation activation, int channel, string channelFolder)
    {
        if (channel < 0 || channel >= activation.Channels)
            throw new BadInputException($"--channel is {channel}, but '{activation.Name}' {activation.Shape} has channels 0 to {activation.Channels - 1}");
        return WriteChannel(activation, channel, channelFolder, options.Mosaic);
    }

    // A vector's channels are single values; its bars show them.
    private string[] WriteEach(Activation activation, string channelFolder)
    {
        FeatureMaps maps = FeatureMaps.Of(activation.Values, activation.Shape, options.Mosaic.Sample);
        MosaicOptions plain = options.Mosaic with { Legend = false, Marks = false, MinTileSize = options.ChannelTileSize ?? 1 };
        return maps.IsVector ? [] : [.. Enumerable.Range(0, Math.Min(maps.Count, options.Mosaic.MaxChannels))
            .Select(channel => WriteChannel(activation, channel, channelFolder, plain).File)];
    }

    private WrittenPicture WriteChannel(Activation activation, int channel, string channelFolder, MosaicOptions look)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"channels/{channelFolder}/out{channel}{_ending}");
        using IndexedPicture picture = Mosaic.DrawChannel(activation.Values, activation.Shape, channel, activation.Name, look);
        MosaicFile.Write(picture, Path.Combine(folder, file));
        return new WrittenPicture(file, picture.Width, picture.Height);
    }
}

/// <summary>Mosaics in the format that was asked for.</summary>
internal static class MosaicFile
{
    private const string Png = ".png";

    // The formats without a palette, and what their headers have room for.
    private static readonly Dictionary<PictureFormat, (string Ending, int LargestSide)> Coloured = new()
    {
        [PictureFormat.Jpeg] = (".jpg", 65_535),
        [PictureFormat.Webp] = (".webp", 16_383),
    };

    /// <summary>Such as .jpg.</summary>
    public static string EndingOf(PictureFormat format) => Coloured.TryGetValue(format, out var coloured) ? coloured.Ending : Png;

    /// <summary>The path's ending says the format. PNG keeps the palette, the others get its colours.</summary>
    /// <exception cref="BadInputException">Larger than the format allows, or the place cannot be written.</exception>
    public static void Write(IndexedPicture picture, string path)
    {
        string ending = Path.GetExtension(path);
        if (ending == Png)
        {
            picture.WritePng(path);
            return;
        }

        int most = Coloured.Values.Single(l => l.Ending == ending).LargestSide;
        if (Math.Max(picture.Width, picture.Height) > most)
            throw new BadInputException($"{path}: the picture is {picture.Width}x{picture.Height}, the format holds {most} pixels a side; "
                + "a smaller --tile-size, fewer --max-channels or --format png helps");
        using Mat bgr = picture.ToBgr();
        PictureFile.Write(path, bgr);
    }
}
