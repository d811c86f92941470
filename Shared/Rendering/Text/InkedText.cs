using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Words as a small index picture.</summary>
/// <param name="Indices">Row by row.</param>
internal readonly record struct InkedText(byte[] Indices, Size Size)
{
    /// <summary>Puts it onto a picture, into rows that are not shared; what does not fit there is cut off.</summary>
    public void Paste(IndexedPicture picture, Point upperLeft)
    {
        Rect seen = new Rect(upperLeft, Size).Intersect(new Rect(0, 0, picture.Width, picture.Height));
        for (int y = seen.Top; y < seen.Bottom; y++)
            Indices.AsSpan((y - upperLeft.Y) * Size.Width + seen.X - upperLeft.X, seen.Width).CopyTo(picture.Pixels.Row(y, seen.X, seen.Width));
    }
}
