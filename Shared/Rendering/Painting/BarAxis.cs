using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Horizontal axis of a bar chart: from values to columns. It always has 0 in it.</summary>
/// <param name="Left">First column.</param>
/// <param name="Width">Number of columns.</param>
/// <param name="Zero">Column of 0.</param>
/// <param name="PerUnit">Pixels for a value of 1.</param>
/// <param name="Largest">Value whose bar is drawn brightest.</param>
internal readonly record struct BarAxis(int Left, int Width, int Zero, double PerUnit, float Largest)
{
    // Places on the colormap.
    private const byte Positive = 128, Negative = 64, Brightest = 160;

    public static BarAxis Of(MapFacts facts, int left, int width)
    {
        double low = facts.HasFinite ? Math.Min(0, facts.Range.Min) : 0;
        double high = facts.HasFinite ? Math.Max(0, facts.Range.Max) : 0;
        double perUnit = high > low ? (width - 1) / (high - low) : 0;
        return new BarAxis(left, width, left + (int)Math.Round(-low * perUnit), perUnit, facts.Range.Max);
    }

    /// <summary>Finds the column of the end of a value's bar.</summary>
    public int ColumnOf(float value) => Math.Clamp(Zero + (int)Math.Round(value * PerUnit), Left, Left + Width - 1);

    /// <summary>Draws a bar, and the axis over the height of the whole row. NaN has no bar, infinity the longest one.</summary>
    /// <param name="picture">Picture to draw into.</param>
    /// <param name="value">Number that the bar shows.</param>
    /// <param name="bar">Top and height of the bar, in pixels.</param>
    /// <param name="rowHeight">Height of the row, in pixels.</param>
    public void Draw(IndexedPicture picture, float value, Rect bar, int rowHeight)
    {
        Palette palette = picture.Palette;
        picture.Pixels.Fill(new Rect(Zero, bar.Y - (rowHeight - bar.Height) / 2, 1, rowHeight), palette.Faint);
        if (float.IsNaN(value))
            return;
        int end = float.IsInfinity(value) ? (value > 0 ? Left + Width - 1 : Left) : ColumnOf(value);
        byte colour = value < 0 ? Negative : value == Largest ? Brightest : Positive;
        picture.Pixels.Fill(new Rect(Math.Min(Zero, end), bar.Y, Math.Abs(end - Zero) + 1, bar.Height), colour);
    }
}
