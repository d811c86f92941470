using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>A picture as a network gets it, and the boxes in it; used again and again.</summary>
/// <param name="pixels">Room for C·H·W bytes of the largest input.</param>
internal sealed class BoxSample(byte[] pixels)
{
    public byte[] Pixels => pixels;

    /// <summary>Boxes in pixels of the input: left, top, width, height.</summary>
    public List<LabelledBox> Boxes { get; } = [];
}

/// <summary>
/// Makes samples of pictures with boxes: draws what is seen where, paints it, moves the boxes along, then changes the colours. For one
/// thread.
/// </summary>
internal sealed class BoxSampleMaker(BoxSource source) : IDisposable
{
    // What lies beside pictures in an input, as of letterboxes.
    private static readonly Scalar Gray = Scalar.All(114);

    private readonly Dictionary<Size, PictureResizer> _resizers = [];
    private readonly Mat _canvas = new(), _scaled = new(), _plane = new();

    /// <summary>Makes the sample of a picture.</summary>
    /// <param name="index">The picture.</param>
    /// <param name="size">Width and height of the input.</param>
    /// <param name="random">Random numbers of the changes; null for none.</param>
    /// <param name="room">Gets pixels and boxes.</param>
    /// <returns>False for a picture that cannot be read.</returns>
    public bool TryMake(int index, Size size, Random? random, BoxSample room)
    {
        InputSpec spec = source.Spec with { Size = size };
        Span<byte> pixels = room.Pixels.AsSpan(0, spec.ChannelCount * spec.Height * spec.Width);
        room.Boxes.Clear();
        if (random is null || source.Augmentation.IsEmpty)
            return TryResize(index, spec, room);
        BoxTile[] tiles = BoxScene.Draw(index, spec, source.SizeOf, source.Count, source.Augmentation, random);
        _canvas.Create(size, MatType.CV_8UC3);
        _canvas.SetTo(Gray);
        foreach (BoxTile tile in tiles)
        {
            // what is outside need not be decoded; the picture itself is, so that it is missed when it cannot be
            bool isSeen = tile.Target.IntersectsWith(new Rect(default, size));
            if (!isSeen && tile.Picture != index)
                continue;
            if (source.TryUse(tile.Picture, picture => Paint(picture, tile)))
                Add(tile, size, room);
            else if (tile.Picture == index)
                return false;
        }

        CopyPlanes(spec, pixels);
        source.Augmentation.ChangePixels(pixels, spec, random);
        return true;
    }

    public void Dispose()
    {
        foreach (PictureResizer resizer in _resizers.Values)
            resizer.Dispose();
        _canvas.Dispose();
        _scaled.Dispose();
        _plane.Dispose();
    }

    private bool TryResize(int index, InputSpec spec, BoxSample room)
    {
        if (!_resizers.TryGetValue(spec.Size, out PictureResizer? resizer))
            _resizers[spec.Size] = resizer = new PictureResizer(spec);
        int bytes = spec.ChannelCount * spec.Height * spec.Width;
        if (!source.TryUse(index, picture => resizer.Resize(picture, room.Pixels.AsSpan(0, bytes))))
            return false;
        Add(BoxScene.Alone(index, spec, source.SizeOf(index)), spec.Size, room);
        return true;
    }

    private void Add(BoxTile tile, Size size, BoxSample room)
    {
        foreach (LabelledBox box in source.BoxesOf(tile.Picture))
            if (tile.Moved(box, size) is { } moved)
                room.Boxes.Add(moved);
    }

    private void Paint(Mat picture, BoxTile tile)
    {
        Rect target = tile.Target, seen = target.Intersect(new Rect(0, 0, _canvas.Width, _canvas.Height));
        if (seen.Width <= 0 || seen.Height <= 0)
            return;
        using Mat place = _canvas.SubMat(seen);
        // labels may have another size than the file, and then the file counts
        Rect source = tile.Source.Intersect(new Rect(default, picture.Size()));
        using Mat part = picture.SubMat(source);
        if (target.Width <= part.Width && target.Height <= part.Height)
            Shrink(part, tile, seen, place);
        else
            Enlarge(part, tile, seen, place);
    }

    // Averaging areas keeps what falls between the grid points.
    private void Shrink(Mat part, BoxTile tile, Rect seen, Mat place)
    {
        Cv2.Resize(part, _scaled, tile.Target.Size, 0, 0, InterpolationFlags.Area);
        if (tile.IsMirrored || tile.IsUpsideDown)
            Cv2.Flip(_scaled, _scaled, tile is { IsMirrored: true, IsUpsideDown: true } ? FlipMode.XY
                : tile.IsMirrored ? FlipMode.Y : FlipMode.X);
        using Mat shown = _scaled.SubMat(new Rect(seen.TopLeft - tile.Target.TopLeft, seen.Size));
        shown.CopyTo(place);
    }

    // Only what is seen is made, however large the whole would be.
    private static void Enlarge(Mat part, BoxTile tile, Rect seen, Mat place)
    {
        double across = (double)part.Width / tile.Target.Width, down = (double)part.Height / tile.Target.Height;
        double x = (seen.X - tile.Target.X + 0.5) * across, y = (seen.Y - tile.Target.Y + 0.5) * down;
        double[] map =
        [
            tile.IsMirrored ? -across : across, 0, (tile.IsMirrored ? part.Width - x : x) - 0.5,
            0, tile.IsUpsideDown ? -down : down, (tile.IsUpsideDown ? part.Height - y : y) - 0.5,
        ];
        using Mat matrix = Mat.FromPixelData(2, 3, MatType.CV_64FC1, map);
        Cv2.WarpAffine(part, place, matrix, place.Size(), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap,
            BorderTypes.Replicate);
    }

    private unsafe void CopyPlanes(InputSpec spec, Span<byte> pixels)
    {
        int area = spec.Height * spec.Width;
        fixed (byte* start = pixels)
        {
            for (int c = 0; c < spec.ChannelCount; c++)
            {
                using Mat plane = Mat.FromPixelData(spec.Height, spec.Width, MatType.CV_8UC1, (IntPtr)(start + (c * area)));
                if (spec.Channels == ChannelOrder.Gray)
                    Cv2.CvtColor(_canvas, plane, ColorConversionCodes.BGR2GRAY);
                else
                    Cv2.ExtractChannel(_canvas, plane, spec.Channels == ChannelOrder.Rgb ? 2 - c : c);
            }
        }
    }
}
