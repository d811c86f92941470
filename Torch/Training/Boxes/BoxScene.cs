using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// A picture's place in an input: the rectangle that the whole of it is scaled to, mirrored or not. It may reach beyond the input.
/// Edges are whole pixels, so that boxes stay on their pixels.
/// </summary>
/// <param name="Picture">Index of the picture.</param>
/// <param name="Source">Part of the picture that is shown.</param>
/// <param name="Target">Pixels of the input that it fills.</param>
/// <param name="IsMirrored">Left for right.</param>
/// <param name="IsUpsideDown">Top for bottom.</param>
internal readonly record struct BoxTile(int Picture, Rect Source, Rect Target, bool IsMirrored = false, bool IsUpsideDown = false)
{
    // A box that is left is at least so many pixels wide and high, and at least such a share of it is to be seen.
    private const float LeastSide = 2, LeastShare = 0.1f;

    /// <summary>
    /// A box of the picture in the input, cut off at its edges; null for one of which too little is left: less than 2 pixels on a side,
    /// or less than a tenth of its area.
    /// </summary>
    /// <param name="box">In pixels of the picture.</param>
    /// <param name="input">Width and height of the input.</param>
    public LabelledBox? Moved(LabelledBox box, Size input)
    {
        float across = (float)Target.Width / Source.Width, down = (float)Target.Height / Source.Height;
        float left = (IsMirrored ? Source.Right - box.X - box.Width : box.X - Source.X) * across + Target.X;
        float top = (IsUpsideDown ? Source.Bottom - box.Y - box.Height : box.Y - Source.Y) * down + Target.Y;
        float width = box.Width * across, height = box.Height * down;
        float x = Math.Max(0, left), y = Math.Max(0, top);
        float seenWidth = Math.Min(input.Width, left + width) - x, seenHeight = Math.Min(input.Height, top + height) - y;
        return seenWidth >= LeastSide && seenHeight >= LeastSide && seenWidth * seenHeight >= LeastShare * width * height
            ? new LabelledBox(box.Class, x, y, seenWidth, seenHeight)
            : null;
    }
}

/// <summary>Draws which pictures are seen in an input, and where: one, or four that meet in a point, moved by the augmentation.</summary>
internal static class BoxScene
{
    /// <summary>Draws a scene.</summary>
    /// <param name="index">The picture that it is for.</param>
    /// <param name="spec">Size of the input, and way of resizing.</param>
    /// <param name="sizeOf">Width and height of each picture.</param>
    /// <param name="count">Number of all pictures.</param>
    /// <param name="augmentation">The random changes.</param>
    /// <param name="random">Random numbers of the sample's own.</param>
    public static BoxTile[] Draw(int index, InputSpec spec, Func<int, Size> sizeOf, int count, Augmentation augmentation, Random random)
    {
        double share = augmentation.MosaicShare;
        BoxTile[] tiles = share > 0 && random.NextDouble() < share
            ? Mosaic(index, spec, sizeOf, count, random)
            : [Alone(index, spec, sizeOf(index))];
        AffineMap map = augmentation.Place(spec.Size, random);
        return map == AffineMap.Identity ? tiles : [.. tiles.Select(tile => Moved(tile, map))];
    }

    /// <summary>The picture as it is measured.</summary>
    public static BoxTile Alone(int index, InputSpec spec, Size picture)
    {
        PicturePlacement placement = PicturePlacement.Of(picture, spec);
        return new BoxTile(index, placement.Source, placement.Target);
    }

    // Four pictures at the scale of one alone meet in a point of the input, each with a corner: what does not fit is seen when a change
    // of place brings it in.
    private static BoxTile[] Mosaic(int index, InputSpec spec, Func<int, Size> sizeOf, int count, Random random)
    {
        int x = random.Next(spec.Width + 1), y = random.Next(spec.Height + 1);
        int[] members = [index, random.Next(count), random.Next(count), random.Next(count)];
        // the picture itself is in any of the corners
        random.Shuffle(members);
        InputSpec whole = spec with { Resize = ResizeMode.Letterbox };
        return [.. members.Select((member, corner) =>
        {
            Size picture = sizeOf(member), size = PicturePlacement.Of(picture, whole).Target.Size;
            var place = new Point(corner % 2 == 0 ? x - size.Width : x, corner < 2 ? y - size.Height : y);
            return new BoxTile(member, new Rect(default, picture), new Rect(place, size));
        })];
    }

    // The map leads from pixels of the result to pixels of the scene, whose centres are whole numbers; edges lie half a pixel further.
    private static BoxTile Moved(BoxTile tile, AffineMap map)
    {
        (int left, int right) = Edges(tile.Target.Left, tile.Target.Right, map.XX, map.X);
        (int top, int bottom) = Edges(tile.Target.Top, tile.Target.Bottom, map.YY, map.Y);
        return tile with
        {
            Target = new Rect(left, top, Math.Max(1, right - left), Math.Max(1, bottom - top)),
            IsMirrored = tile.IsMirrored ^ (map.XX < 0),
            IsUpsideDown = tile.IsUpsideDown ^ (map.YY < 0),
        };
    }

    private static (int Low, int High) Edges(int low, int high, double factor, double shift)
    {
        double one = ((low - 0.5 - shift) / factor) + 0.5, other = ((high - 0.5 - shift) / factor) + 0.5;
        return ((int)Math.Round(Math.Min(one, other)), (int)Math.Round(Math.Max(one, other)));
    }
}
