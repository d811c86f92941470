using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Weights of one value each, outputs by inputs, around zero; beside each row the norm of that output's weights.</summary>
internal static class WeightMatrix
{
    private const int Side = 800, MaxCell = 24, Between = 8, BarWidth = 64;

    public static IndexedPicture Draw(KernelSet whole, string title, string[] remarks, KernelOptions options)
    {
        KernelSet kernels = whole.First(options.MaxSide, options.MaxSide);
        var size = new Size(kernels.Inputs, kernels.Outputs);
        int cell = Math.Clamp(Side / Math.Max(size.Width, size.Height), 1, MaxCell);
        var scale = KernelScale.Of(whole, KernelScaling.Layer, symmetric: true);
        double[] norms = [.. Enumerable.Range(0, size.Height).Select(output => NormMatrix.NormOf(whole.Kernel(output)))];
        double largest = norms.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        Legend? legend = options.Legend
            ? scale.Describe(title, [.. remarks, "rows: outputs, columns: inputs", $"bars: norms, up to {Numbers.Short(largest)}",
                kernels.DescribeWithin(whole)])
            : null;
        var matrix = new Size(size.Width * cell, size.Height * cell);
        var frame = Frame.Around(new Size(matrix.Width + Between + BarWidth, matrix.Height), legend);
        IndexedPicture picture = frame.NewPicture(options.PaletteFor(isAroundZero: true));
        var place = new Rect(frame.Content.Location, matrix);
        picture.Tiles = new TileGrid(place.X, place.Y, matrix.Width, cell, 0, 1, size.Height);
        new MapPainter(picture.Pixels, picture.Palette).Paint(kernels.Weights, size, scale.For([]), place);
        new MapMarks(picture).Checker(kernels.Weights, size, place);
        for (int output = 0; output < norms.Length && largest > 0; output++)
        {
            int width = double.IsFinite(norms[output]) ? Math.Max(1, (int)Math.Round(BarWidth * norms[output] / largest)) : BarWidth;
            var bar = new Rect(place.Right + Between, place.Y + output * cell, width, cell > 3 ? cell - 1 : cell);
            picture.Pixels.Fill(bar, picture.Palette.TextShades[128]);
        }

        return picture;
    }
}

/// <summary>Norms of all kernels of a layer, outputs by inputs: the whole of a set that is too large to be drawn.</summary>
/// <param name="Norms">Outputs · Inputs norms.</param>
/// <param name="Kernels">Columns and rows: inputs and outputs.</param>
/// <param name="Cell">Pixels of a norm's side.</param>
internal sealed record NormMatrix(float[] Norms, Size Kernels, int Cell)
{
    private const int Side = 800, MaxCell = 4;

    public Size Size => new(Kernels.Width * Cell, Kernels.Height * Cell);

    public string Remark => $"above: norms of {Kernels.Height} × {Kernels.Width} kernels";

    /// <param name="kernels">All kernels of a layer.</param>
    /// <param name="most">Most rows; of columns there may be twice as many.</param>
    public static NormMatrix Of(KernelSet kernels, int most)
    {
        var size = new Size(Math.Min(kernels.Inputs, 2 * most), Math.Min(kernels.Outputs, most));
        float[] norms = new float[size.Width * size.Height];
        for (int output = 0; output < size.Height; output++)
            for (int input = 0; input < size.Width; input++)
                norms[output * size.Width + input] = (float)NormOf(kernels.Plane(output, input));
        return new NormMatrix(norms, size, Math.Clamp(Math.Min(Side, most) / Math.Max(size.Width, size.Height), 1, MaxCell));
    }

    /// <summary>Measures the Euclidean length of a kernel.</summary>
    public static double NormOf(ReadOnlySpan<float> kernel)
    {
        double sum = 0;
        foreach (float weight in kernel)
            sum += (double)weight * weight;
        return Math.Sqrt(sum);
    }

    public void Paint(IndexedPicture picture, Point corner)
    {
        var range = new ValueRange(0, MapFacts.Of(Norms).Range.Max);
        new MapPainter(picture.Pixels, picture.Palette).Paint(Norms, Kernels, ValueScale.FromRange(range), new Rect(corner, Size));
    }
}
