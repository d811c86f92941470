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
using CnnOnnx.Visualizer.Report;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Draws one tensor into files: its mosaic, or its channels.</summary>
/// <param name="folder">Folder of the dump.</param>
/// <param name="options">Choice of pictures, and their look.</param>
/// <param name="labels">Names of the classes; a vector of as many values gets them.</param>
internal sealed class TensorWriter(string folder, DumpOptions options, IReadOnlyList<string>? labels)
{
    // Of the number of a channel in the name of its file.
    private const int FewestDigits = 3;
    // Bars of so many classes would be no picture: the largest are.
    private const int ManyClasses = 100, TopClasses = 10;

    private readonly string _ending = MosaicFile.EndingOf(options.Format);
    private readonly ScaleRecord _scale = new(options.Mosaic.Scaling, Colormaps.NameOf(options.Mosaic.Colormap));

    /// <param name="index">Place among all tensors of the model, from 0.</param>
    /// <param name="activation">The tensor.</param>
    /// <param name="layout">Axis of its channels.</param>
    /// <param name="numbers">Statistics of the tensor.</param>
    /// <param name="safeName">Name for its channels' folder and its array; no other tensor has the same.</param>
    /// <param name="plan">What there is room for.</param>
    public TensorRecord Write(
        int index, Activation activation, ChannelLayout layout, TensorNumbers numbers, string safeName, TensorPlan plan)
    {
        var drawn = new DrawnTensor(activation, layout, options.Mosaic with { Channels = layout });
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
            Picture = options.Channel is { } channel ? WriteOnly(drawn, channel, safeName)
                : options.Has(DumpParts.Mosaics) ? WriteMosaic(index, drawn) : null,
            Maps = options.Has(DumpParts.Report) ? ValueFiles.Write(folder, index, activation, layout, plan.WithValues) : null,
            Pca = options.Has(DumpParts.Pca) || plan.IsStage ? WritePca(index, drawn) : null,
            Array = options.Npy ? WriteArray(activation, safeName) : null,
            Channels = options.EachChannel ? WriteEach(drawn, safeName) : [],
        };
    }

    private WrittenPicture WriteMosaic(int index, DrawnTensor drawn)
    {
        (Activation activation, _, _) = drawn;
        string file = string.Create(CultureInfo.InvariantCulture,
            $"mosaics/{index:0000}_{SafeNames.Clean(activation.Name)}_{SafeNames.Clean(activation.Op)}{_ending}");
        using IndexedPicture picture = Draw(drawn);
        MosaicFile.Write(picture, Path.Combine(folder, file));
        return new WrittenPicture(file, picture.Width, picture.Height, picture.Tiles);
    }

    private LayerPictureRecord? WritePca(int index, DrawnTensor tensor)
    {
        (Activation activation, ChannelLayout layout, MosaicOptions look) = tensor;
        if (LayerPicture.Draw(activation.Values, activation.Shape, look.Sample, layout) is not (var picture, var explained))
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
        AtomicFile.Write(Path.Combine(folder, file), stream =>
            NpyFile.Write(stream, activation.ElementType, activation.Shape, activation.Raw));
        return file;
    }

    private IndexedPicture Draw(DrawnTensor drawn)
    {
        (Activation activation, _, MosaicOptions look) = drawn;
        FeatureMaps maps = drawn.Maps;
        if (!maps.IsVector)
            return Mosaic.Draw(activation, look);
        // [N, 1, 1, C] is a vector, too.
        TensorShape shape = look.Channels == ChannelLayout.First ? activation.Shape : new TensorShape(activation.Shape[0], maps.Count);
        return maps.Count == labels?.Count
            ? BarChart.Draw(activation.Values, shape, activation.Name,
                BarChartOptions.From(look) with { Labels = labels, Top = maps.Count >= ManyClasses ? TopClasses : null })
            : Mosaic.Draw(activation.Values, shape, activation.Name, look);
    }

    private WrittenPicture WriteOnly(DrawnTensor drawn, int channel, string channelFolder)
    {
        if (channel < 0 || channel >= drawn.Maps.Count)
            throw new BadInputException($"--channel is {channel}, but '{drawn.Activation.Name}' {drawn.Activation.Shape} "
                + $"has channels 0 to {drawn.Maps.Count - 1}");
        return WriteChannel(drawn, channel, channelFolder, drawn.Look);
    }

    // A vector's channels are single values; its bars show them.
    private string[] WriteEach(DrawnTensor drawn, string channelFolder)
    {
        FeatureMaps maps = drawn.Maps;
        MosaicOptions plain = drawn.Look with { Legend = false, Marks = false, MinTileSize = options.ChannelTileSize ?? 1 };
        return maps.IsVector ? [] : [.. Enumerable.Range(0, Math.Min(maps.Count, plain.MaxChannels))
            .Select(channel => WriteChannel(drawn, channel, channelFolder, plain).File)];
    }

    private WrittenPicture WriteChannel(DrawnTensor drawn, int channel, string channelFolder, MosaicOptions look)
    {
        Activation activation = drawn.Activation;
        // As many digits for all, so that the files of a folder sort.
        int digits = Math.Max(FewestDigits, $"{drawn.Maps.Count - 1}".Length);
        string number = channel.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
        string file = $"channels/{channelFolder}/out{number}{_ending}";
        using IndexedPicture picture = Mosaic.DrawChannel(activation.Values, activation.Shape, channel, activation.Name, look);
        MosaicFile.Write(picture, Path.Combine(folder, file));
        return new WrittenPicture(file, picture.Width, picture.Height);
    }

    /// <summary>A tensor, and how its maps are read and drawn.</summary>
    private readonly record struct DrawnTensor(Activation Activation, ChannelLayout Layout, MosaicOptions Look)
    {
        public FeatureMaps Maps => FeatureMaps.Of(Activation.Values, Activation.Shape, Look.Sample, Layout);
    }
}

/// <summary>What a tensor gets in the report.</summary>
/// <param name="WithValues">Its values have room beside the report.</param>
/// <param name="IsStage">It is the last of its resolution, so that the report's flow shows it.</param>
internal readonly record struct TensorPlan(bool WithValues, bool IsStage);

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

    /// <summary>Ending of the format's files, such as .jpg.</summary>
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
