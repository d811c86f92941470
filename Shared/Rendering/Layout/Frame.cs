using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Surroundings of a picture's content: a margin and a legend on top, or nothing.</summary>
/// <param name="Size">Width and height of the whole picture, in pixels.</param>
/// <param name="Content">Place of the content.</param>
/// <param name="Legend">Words above the content; null for none.</param>
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

    /// <summary>Makes a picture of background and legend; the content is still to be painted. The caller disposes it.</summary>
    /// <param name="palette">Colours of the picture.</param>
    /// <param name="repeats">True for each row of the content that will equal the one above it; empty for none.</param>
    public IndexedPicture NewPicture(Palette palette, ReadOnlySpan<bool> repeats = default)
    {
        bool[] all = new bool[Size.Height];
        repeats.CopyTo(all.AsSpan(Content.Y));
        var picture = new IndexedPicture(Size, palette, all);
        Legend?.Draw(picture, new Point(Legend.Margin, Legend.Margin), Size.Width - 2 * Legend.Margin);
        return picture;
    }
}
