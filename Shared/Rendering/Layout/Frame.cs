using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>What is around a picture's content: a margin and a legend on top, or nothing.</summary>
/// <param name="Size">Of the whole picture.</param>
/// <param name="Content">Where the content goes.</param>
internal sealed record Frame(Size Size, Rect Content, Legend? Legend)
{
    public static Frame Around(Size content, Legend? legend)
    {
        content = new Size(Math.Max(1, content.Width), Math.Max(1, content.Height));
        if (legend is null)
            return new Frame(content, new Rect(default, content), null);
        int width = Math.Max(content.Width, Legend.MinWidth);
        var corner = new Point(Legend.Margin, Legend.Margin + legend.HeightAt(width) + Legend.Margin);
        return new Frame(
            new Size(width + 2 * Legend.Margin, corner.Y + content.Height + Legend.Margin),
            new Rect(corner, content),
            legend);
    }

    /// <summary>Background and legend; the content is still to be painted. The caller disposes it.</summary>
    /// <param name="colormap">Null for gray.</param>
    /// <param name="repeats">Of the content: rows that will be equal to the ones above them; empty for none.</param>
    public IndexedPicture NewPicture(ColormapTypes? colormap, ReadOnlySpan<bool> repeats = default)
    {
        bool[] all = new bool[Size.Height];
        repeats.CopyTo(all.AsSpan(Content.Y));
        var picture = new IndexedPicture(Size, Palette.Of(colormap), all);
        Legend?.Draw(picture, new Point(Legend.Margin, Legend.Margin), Size.Width - 2 * Legend.Margin);
        return picture;
    }
}
