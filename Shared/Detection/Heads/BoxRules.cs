using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Makes a box in pixels of the network's input of the numbers of a row.</summary>
/// <param name="row">Row of the head's level.</param>
/// <param name="v">The row's elements for the box, as the head gives them.</param>
internal delegate BoxCorners BoxRule(int row, ReadOnlySpan<float> v);

/// <summary>A grid of cells over the network's input, row by row: row 0 is the upper left cell.</summary>
/// <param name="Columns">Cells in a row.</param>
/// <param name="StrideX">Width of a cell, in pixels of the input.</param>
/// <param name="StrideY">Height of a cell, in pixels of the input.</param>
internal readonly record struct HeadGrid(int Columns, double StrideX, double StrideY)
{
    /// <summary>Makes the grid of a map.</summary>
    /// <param name="columns">Cells in a row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="input">Width and height of the network's input.</param>
    public static HeadGrid Of(long columns, long rows, Size input) =>
        new((int)columns, (double)input.Width / columns, (double)input.Height / rows);

    /// <summary>Makes the grid of a stride.</summary>
    public static HeadGrid Of(int stride, Size input) => new(Cells(stride, input.Width), stride, stride);

    /// <summary>Counts the cells along a side: one that is cut by the edge counts.</summary>
    public static int Cells(int stride, int side) => (side + stride - 1) / stride;

    /// <summary>Counts the cells of several strides together.</summary>
    public static int Cells(ReadOnlySpan<int> strides, Size input)
    {
        int count = 0;
        foreach (int stride in strides)
            count += Cells(stride, input.Width) * Cells(stride, input.Height);
        return count;
    }
}

/// <summary>How heads code boxes, one rule each.</summary>
internal static class BoxRules
{
    /// <summary>Centre and size as they are, times what makes them pixels.</summary>
    public static BoxRule CentreSize(double scaleX, double scaleY) => (_, v) =>
        BoxCorners.OfCentre(v[0] * scaleX, v[1] * scaleY, v[2] * scaleX, v[3] * scaleY);

    /// <summary>Corners as they are: x1, y1, x2, y2.</summary>
    public static BoxRule Corners(double scaleX, double scaleY) => (_, v) =>
        new BoxCorners(v[0] * scaleX, v[1] * scaleY, v[2] * scaleX, v[3] * scaleY);

    /// <summary>Corners as they are: y1, x1, y2, x2.</summary>
    public static BoxRule CornersYx(double scaleX, double scaleY) => (_, v) =>
        new BoxCorners(v[1] * scaleX, v[0] * scaleY, v[3] * scaleX, v[2] * scaleY);

    /// <summary>YOLOv2 to v4: x = (column + σ(tx)·s − (s − 1)/2)·stride, width = e^tw · anchor.</summary>
    /// <param name="grid">Cells of the head.</param>
    /// <param name="anchor">Width and height of the anchor in pixels of the input.</param>
    /// <param name="scale">Darknet's scale_x_y, s above; 1 where nothing is said.</param>
    public static BoxRule Anchored(HeadGrid grid, (double Width, double Height) anchor, double scale) => (row, v) =>
        BoxCorners.OfCentre(
            (row % grid.Columns + Sigmoid(v[0]) * scale - (scale - 1) / 2) * grid.StrideX,
            (row / grid.Columns + Sigmoid(v[1]) * scale - (scale - 1) / 2) * grid.StrideY,
            Math.Exp(v[2]) * anchor.Width,
            Math.Exp(v[3]) * anchor.Height);

    /// <summary>Darknet's new_coords, where the sigmoid is in the network: width = (2·v)² · anchor.</summary>
    /// <inheritdoc cref="Anchored"/>
    public static BoxRule AnchoredSquares(HeadGrid grid, (double Width, double Height) anchor, double scale) => (row, v) =>
        BoxCorners.OfCentre(
            (row % grid.Columns + v[0] * scale - (scale - 1) / 2) * grid.StrideX,
            (row / grid.Columns + v[1] * scale - (scale - 1) / 2) * grid.StrideY,
            4.0 * v[2] * v[2] * anchor.Width,
            4.0 * v[3] * v[3] * anchor.Height);

    /// <summary>YOLOX and YuNet: x = (column + v)·stride, width = e^v · stride.</summary>
    public static BoxRule AnchorFree(HeadGrid grid) => (row, v) => BoxCorners.OfCentre(
        (row % grid.Columns + (double)v[0]) * grid.StrideX, (row / grid.Columns + (double)v[1]) * grid.StrideY,
        Math.Exp(v[2]) * grid.StrideX, Math.Exp(v[3]) * grid.StrideY);

    /// <summary>FastestDet: x = (column + tanh v)·stride, width = σ(v) of the picture.</summary>
    public static BoxRule Tangent(HeadGrid grid, Size input) => (row, v) => BoxCorners.OfCentre(
        (row % grid.Columns + Math.Tanh(v[0])) * grid.StrideX, (row / grid.Columns + Math.Tanh(v[1])) * grid.StrideY,
        Sigmoid(v[2]) * input.Width, Sigmoid(v[3]) * input.Height);

    /// <summary>NanoDet: four distances from a cell's point, each the mean of a distribution over bins 0, 1, 2 … strides.</summary>
    /// <param name="grid">Cells of the head.</param>
    /// <param name="bins">Bins of a distance.</param>
    /// <param name="offset">Place of the point in its cell, in cells: 0 for the corner, 0.5 for the middle.</param>
    public static BoxRule Distances(HeadGrid grid, int bins, double offset) => (row, v) =>
    {
        double x = (row % grid.Columns + offset) * grid.StrideX, y = (row / grid.Columns + offset) * grid.StrideY;
        return new BoxCorners(
            x - Mean(v[..bins]) * grid.StrideX,
            y - Mean(v.Slice(bins, bins)) * grid.StrideY,
            x + Mean(v.Slice(2 * bins, bins)) * grid.StrideX,
            y + Mean(v.Slice(3 * bins, bins)) * grid.StrideY);
    };

    /// <summary>SSD: a shift of .1·v of the prior's size, a size of e^(.2·v) of it.</summary>
    /// <param name="priors">Centre and size of each row's prior, as parts of the input.</param>
    /// <param name="input">Width and height of the network's input.</param>
    public static BoxRule Prior(IReadOnlyList<PriorBox> priors, Size input) => (row, v) =>
    {
        PriorBox prior = priors[row];
        return BoxCorners.OfCentre(
            (prior.X + 0.1 * v[0] * prior.Width) * input.Width,
            (prior.Y + 0.1 * v[1] * prior.Height) * input.Height,
            prior.Width * Math.Exp(0.2 * v[2]) * input.Width,
            prior.Height * Math.Exp(0.2 * v[3]) * input.Height);
    };

    public static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    // The largest is taken off before e to the power of it can be too large.
    private static double Mean(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity, sum = 0, weighted = 0;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        for (int bin = 0; bin < logits.Length; bin++)
        {
            double power = Math.Exp(logits[bin] - largest);
            sum += power;
            weighted += bin * power;
        }

        return weighted / sum;
    }
}
