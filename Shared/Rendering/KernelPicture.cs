using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Draws the weights of a layer.</summary>
public static class KernelPicture
{
    private const int ColourChannels = 3, MinTile = 48, GridSide = 1600, MinCell = 3, Gap = 4;

    /// <summary>Draws a weight of a network, under its name. Of the options, the order of axes is the weight's own.</summary>
    /// <param name="weight">One of <see cref="NetworkWeights.Of"/>; its values are read here.</param>
    /// <param name="options">Colours, scale and extent.</param>
    /// <returns>BGR (8UC3); the caller disposes it.</returns>
    /// <exception cref="OnnxException">Its data cannot be read.</exception>
    public static Mat Render(NetworkWeight weight, KernelOptions options) =>
        Render(weight.Load(), weight.Shape, weight.Name, options.For(weight));

    /// <summary>
    /// Draws kernels over three input channels in colour, grey for 0; over one channel (depthwise) as one grid; others as outputs (rows) by
    /// inputs (columns), below their norms where not all have room; 1×1 kernels and fully connected layers as a matrix around 0 of the
    /// same orientation, with the norm of each output; a single axis (a bias) as bars.
    /// </summary>
    /// <param name="weights">All values of the tensor.</param>
    /// <param name="shape">[O, I, h, w] and its likes for 1-D and 3-D, or [O, I].</param>
    /// <param name="title">First line of the legend, such as the tensor's name.</param>
    /// <param name="options">Colours, scale and extent.</param>
    /// <returns>BGR (8UC3); the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The values are not as many as the shape says, or weights have no such shape.</exception>
    public static Mat Render(ReadOnlySpan<float> weights, TensorShape shape, string title, KernelOptions options)
    {
        using IndexedPicture? picture = Draw(weights, shape, title, options);
        return picture?.ToBgr() ?? RenderColoured(weights, shape, title, options, out _);
    }

    /// <summary>Draws with a palette, and with the places of the outputs as tiles where they are apart; the caller disposes it.</summary>
    /// <returns>Null where input channels are colours: see <see cref="RenderColoured"/>.</returns>
    internal static IndexedPicture? Draw(ReadOnlySpan<float> weights, TensorShape shape, string title, KernelOptions options)
    {
        if (shape.Rank < 2 || weights.IsEmpty)
            return BarChart.Draw(weights, shape, title,
                new BarChartOptions { Colormap = options.Colormap, Legend = options.Legend, Theme = options.Theme });
        KernelSet kernels = KernelSet.Of(weights, shape, options.InputsFirst);
        return kernels.Area == 1 ? WeightMatrix.Draw(kernels, title, Remarks(shape), options)
            : kernels.Inputs != ColourChannels || options.InputChannels == ChannelOrder.Gray ? Grid(kernels, title, Remarks(shape), options)
            : null;
    }

    private static string[] Remarks(TensorShape shape) => [$"shape {shape}"];

    private static IndexedPicture Grid(KernelSet whole, string title, string[] remarks, KernelOptions options)
    {
        bool isDepthwise = whole.Inputs == 1;
        var size = new Size(whole.Width, whole.Height);
        // First the norms of all, where the kernels are too many for a picture.
        NormMatrix? norms = !isDepthwise && (whole.Outputs > Fitting(size.Height, options) || whole.Inputs > Fitting(size.Width, options))
            ? NormMatrix.Of(whole, options.MaxSide / 2) : null;
        int below = norms is null ? 0 : norms.Size.Height + Legend.Margin;
        KernelSet kernels = isDepthwise ? whole
            : whole.First(Fitting(size.Height, options with { MaxSide = options.MaxSide - below }), Fitting(size.Width, options));
        MosaicLayout layout = isDepthwise
            ? Square(kernels.Outputs, size, options)
            : MosaicLayout.Of(kernels.Outputs * kernels.Inputs, size,
                Tiles(size, Math.Max(kernels.Inputs, kernels.Outputs), GridSide - below) with { Columns = kernels.Inputs });

        var scale = KernelScale.Of(whole, options.Scaling, options.Symmetric);
        string arrangement = isDepthwise ? layout.Describe(kernels.Outputs, "kernels") : "rows: outputs, columns: inputs";
        Legend? legend = options.Legend
            ? scale.Describe(title, [.. remarks, arrangement, norms?.Remark ?? "", kernels.DescribeWithin(whole)]) : null;
        var frame = Frame.Around(new Size(Math.Max(layout.Width, norms?.Size.Width ?? 0), layout.Height + below), legend);
        IndexedPicture picture = frame.NewPicture(options.PaletteFor(options.Symmetric));
        norms?.Paint(picture, frame.Content.Location);
        Point corner = frame.Content.Location + new Point(0, below);
        TileGrid places = layout.At(corner);
        picture.Tiles = isDepthwise ? places : places with { Width = layout.Width, Columns = 1, Count = kernels.Outputs };
        var painter = new MapPainter(picture.Pixels, picture.Palette);
        var marks = new MapMarks(picture);
        for (int output = 0; output < kernels.Outputs; output++)
        {
            ValueScale ofKernel = scale.For(whole.Kernel(output));
            for (int input = 0; input < kernels.Inputs && output * kernels.Inputs + input < layout.Count; input++)
            {
                ReadOnlySpan<float> plane = kernels.Plane(output, input);
                Rect place = layout[output * kernels.Inputs + input] + corner;
                painter.Paint(plane, size, ofKernel, place);
                marks.Checker(plane, size, place);
            }
        }

        return picture;
    }

    // Kernels side by side when every weight has the fewest pixels that can be told apart.
    private static int Fitting(int weights, KernelOptions options) => Math.Max(1, options.MaxSide / (MinCell * weights + Gap));

    // One kernel for each output. A free number of columns is up to one and a half times the square root of their number.
    private static MosaicLayout Square(int count, Size kernel, KernelOptions options)
    {
        int fitting = Math.Max(1, Fitting(Math.Max(kernel.Width, kernel.Height), options) * 2 / 3);
        int shown = (int)Math.Min(count, (long)fitting * fitting);
        int sideBySide = (int)Math.Ceiling(Math.Sqrt(shown) * 1.5);
        return MosaicLayout.Of(count, kernel, Tiles(kernel, sideBySide, GridSide) with { MaxChannels = shown });
    }

    // As large as there is room for so many side by side, within what is legible and what is too much.
    private static LayoutRules Tiles(Size kernel, int sideBySide, int room)
    {
        (int shorter, int longer) = (Math.Min(kernel.Width, kernel.Height), Math.Max(kernel.Width, kernel.Height));
        int tile = Math.Max(MinCell * longer, Math.Min(MinTile, room / sideBySide));
        int side = Math.Max(1, tile * shorter / longer);
        return new LayoutRules { MinTileSize = side, MaxEnlargedPixels = null, Gap = tile < MinTile / 2 ? 1 : Gap };
    }

    /// <summary>
    /// Draws kernels whose three input channels are colours, around zero, which is grey: no palette has them. BGR; the caller disposes it.
    /// </summary>
    /// <param name="weights">All values of the tensor.</param>
    /// <param name="shape">[O, 3, h, w] and its likes.</param>
    /// <param name="title">First line of the legend, such as the tensor's name.</param>
    /// <param name="options">Colours, scale and extent.</param>
    /// <param name="outputs">Places of the kernels, one an output.</param>
    internal static Mat RenderColoured(
        ReadOnlySpan<float> weights, TensorShape shape, string title, KernelOptions options, out TileGrid outputs)
    {
        KernelSet kernels = KernelSet.Of(weights, shape, options.InputsFirst);
        var size = new Size(kernels.Width, kernels.Height);
        MosaicLayout layout = Square(kernels.Outputs, size, options);
        var scale = KernelScale.Of(kernels, options.Scaling, symmetric: true);
        bool isRgb = options.InputChannels == ChannelOrder.Rgb;
        string inColour = $"{layout.Describe(kernels.Outputs, "kernels")} over {(isRgb ? "RGB" : "BGR")}, in colour, grey is 0";
        Legend? legend = options.Legend ? scale.Describe(title, [.. Remarks(shape), inColour]) with { Labels = null } : null;
        var frame = Frame.Around(new Size(layout.Width, layout.Height), legend);
        outputs = layout.At(frame.Content.Location);
        using IndexedPicture surroundings = frame.NewPicture(Palette.Of(colormap: null, options.Theme));
        IndexedPicture[] planes =
            [.. Enumerable.Range(0, ColourChannels).Select(_ => new IndexedPicture(frame.Content.Size, Palette.Of(null)))];
        for (int channel = 0; channel < ColourChannels; channel++)
        {
            IndexedPicture target = planes[isRgb ? ColourChannels - 1 - channel : channel];
            var painter = new MapPainter(target.Pixels, target.Palette);
            var marks = new MapMarks(target);
            for (int i = 0; i < layout.Count; i++)
            {
                ReadOnlySpan<float> plane = kernels.Plane(i, channel);
                painter.Paint(plane, size, scale.For(kernels.Kernel(i)), layout[i]);
                marks.Checker(plane, size, layout[i]);
            }
        }

        Mat picture = surroundings.ToBgr();
        using var merged = new Mat();
        Cv2.Merge([.. planes.Select(plane => plane.Indices)], merged);
        for (int i = 0; i < layout.Count; i++)
        {
            using Mat from = merged.SubMat(layout[i]);
            using Mat to = picture.SubMat(layout[i] + frame.Content.Location);
            from.CopyTo(to);
        }

        foreach (IndexedPicture plane in planes)
            plane.Dispose();
        return picture;
    }
}
