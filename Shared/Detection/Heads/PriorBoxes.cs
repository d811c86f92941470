using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>A box that a head starts from, as parts of the input: 0 to 1.</summary>
internal readonly record struct PriorBox(double X, double Y, double Width, double Height);

/// <summary>Priors of heads that do not carry them in the graph, in the order of their rows.</summary>
internal static class PriorBoxes
{
    // UltraFace: strides and the sides of the boxes of a cell, in pixels.
    private static readonly (int Stride, int[] Sides)[] FaceMaps =
        [(8, [10, 16, 24]), (16, [32, 48]), (32, [64, 96]), (64, [128, 192, 256])];

    // SSD300: cells along a side, pixels of a cell, scale of the boxes, aspect ratios beside 1.
    private static readonly (int Cells, int Step, double Scale, int[] Ratios)[] Ssd300Maps =
    [
        (38, 8, 0.07, [2]), (19, 16, 0.15, [2, 3]), (10, 32, 0.33, [2, 3]), (5, 64, 0.51, [2, 3]), (3, 100, 0.69, [2]),
        (1, 300, 0.87, [2]),
    ];

    private const double Ssd300LastScale = 1.05;

    /// <summary>UltraFace's, for any size of input. A cell's width is the input over the cells, not the stride.</summary>
    public static IReadOnlyList<PriorBox> UltraFace(int width, int height)
    {
        var priors = new List<PriorBox>();
        foreach ((int stride, int[] sides) in FaceMaps)
        {
            int columns = HeadGrid.Cells(stride, width), rows = HeadGrid.Cells(stride, height);
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++)
                    foreach (int side in sides)
                        priors.Add(new((x + 0.5) / columns, (y + 0.5) / rows,
                            Math.Min(1, (double)side / width), Math.Min(1, (double)side / height)));
        }

        return priors;
    }

    /// <summary>torchvision's for SSD with an input of 300×300: 8,732.</summary>
    public static IReadOnlyList<PriorBox> Ssd300()
    {
        var priors = new List<PriorBox>();
        for (int map = 0; map < Ssd300Maps.Length; map++)
        {
            (int cells, int step, double scale, int[] ratios) = Ssd300Maps[map];
            double next = map + 1 < Ssd300Maps.Length ? Ssd300Maps[map + 1].Scale : Ssd300LastScale;
            (double Width, double Height)[] sizes = [(scale, scale), (Math.Sqrt(scale * next), Math.Sqrt(scale * next)),
                .. ratios.SelectMany(ratio => new[] { Sized(scale, ratio), Sized(scale, 1.0 / ratio) })];
            double pitch = step / 300.0;
            for (int y = 0; y < cells; y++)
                for (int x = 0; x < cells; x++)
                    foreach ((double width, double height) in sizes)
                        priors.Add(new((x + 0.5) * pitch, (y + 0.5) * pitch, Math.Min(1, width), Math.Min(1, height)));
        }

        return priors;
    }

    /// <summary>Maps of UltraFace's priors.</summary>
    public static ImmutableArray<HeadCells> UltraFaceCells(int width, int height) => HeadCells.Behind(FaceMaps.Select(map =>
        new HeadCells(0, HeadGrid.Cells(map.Stride, width), HeadGrid.Cells(map.Stride, height), map.Sides.Length, AnchorsInside: true)));

    /// <summary>Maps of SSD300's priors: two boxes beside two for each aspect ratio.</summary>
    public static ImmutableArray<HeadCells> Ssd300Cells() => HeadCells.Behind(Ssd300Maps.Select(map =>
        new HeadCells(0, map.Cells, map.Cells, 2 + (2 * map.Ratios.Length), AnchorsInside: true)));

    private static (double Width, double Height) Sized(double scale, double ratio) =>
        (scale * Math.Sqrt(ratio), scale / Math.Sqrt(ratio));
}
