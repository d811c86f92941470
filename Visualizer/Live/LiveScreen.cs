using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Live;

/// <summary>
/// Draws what the window shows:
/// <code>
/// ┌──────────┬──────────────────┐
/// │  frame   │ layer's mosaic,  │
/// │          │ or one channel   │
/// ├──────────┴──────────────────┤
/// │ layer, FPS, class           │
/// └─────────────────────────────┘
/// </code>
/// </summary>
internal static class LiveScreen
{
    private const int StatusHeight = 48, Gap = 8, LineHeight = 20;

    // Of the width, how much the frame gets.
    private const double FrameShare = 0.36;

    /// <summary>Fits on the screen of a small laptop.</summary>
    public static Size StandardSize { get; } = new(1280, 680);

    // Of the standard size; with less there is no room for the words.
    private const double Smallest = 0.5;

    /// <summary>
    /// The size to draw in for a window of that size. The shape stays: windows keep a picture's shape, and some tell no more of
    /// themselves than the room that they gave it.
    /// </summary>
    public static Size SizeIn(Size window)
    {
        double scale = Math.Max(Smallest, Math.Min((double)window.Width / StandardSize.Width, (double)window.Height / StandardSize.Height));
        return new Size((int)Math.Round(StandardSize.Width * scale), (int)Math.Round(StandardSize.Height * scale));
    }

    private static readonly Scalar Background = new(32, 32, 32), Text = new(235, 235, 235), Dim = new(160, 160, 160);

    /// <summary>The whole picture, BGR; the caller disposes it.</summary>
    /// <param name="frame">Picture that the network was run on, BGR.</param>
    /// <param name="maps">The layer as <see cref="DrawMaps"/> has it.</param>
    /// <param name="view">State of the window.</param>
    /// <param name="status">Up to two lines below.</param>
    public static Mat Compose(Mat frame, Mat maps, LiveView view, IReadOnlyList<string> status)
    {
        (Rect frameRoom, Rect mapsRoom) = Rooms(view.Window);
        var screen = new Mat(view.Window, MatType.CV_8UC3, Background);
        Place(screen, frame, frameRoom, largest: double.MaxValue);
        // Maps have the size that was asked for, or the largest that fits.
        Place(screen, maps, mapsRoom, largest: 1);
        for (int i = 0; i < status.Count; i++)
            Write(screen, status[i], new Point(Gap, frameRoom.Bottom + (i + 1) * LineHeight - 2), i == 0 ? Text : Dim,
                screen.Width - 2 * Gap);
        if (view.ShowsHelp)
            WriteHelp(screen);
        return screen;
    }

    /// <summary>The layer's maps, as many as have room at the tile size that the view asks for; BGR, the caller disposes it.</summary>
    public static Mat DrawMaps(Activation layer, ChannelLayout layout, LiveView view)
    {
        var look = new MosaicOptions
        {
            Colormap = view.Colormap,
            Scaling = view.Scaling,
            MinTileSize = view.TileSize,
            MaxEnlargedPixels = null,
            Channels = layout,
        };
        if (layer.Shape.Count == 0)
            return Mosaic.Render(layer, look);
        (_, Rect room) = Rooms(view.Window);
        FeatureMaps maps = FeatureMaps.Of(layer.Values, layer.Shape, 0, layout);
        if (view.Channel is { } channel && maps.Area > 1)
        {
            using IndexedPicture one = Mosaic.DrawChannel(layer.Values, layer.Shape, Math.Min(channel, maps.Count - 1), layer.Name,
                look with { MinTileSize = Math.Min(room.Width, room.Height) / 2 });
            return one.ToBgr();
        }

        double zoom = (double)view.TileSize / Math.Min(maps.Width, maps.Height);
        (int columns, int rows) = (Fitting(room.Width, maps.Width * zoom), Fitting(room.Height, maps.Height * zoom));
        return Mosaic.Render(layer, columns * rows < maps.Count ? look with { Columns = columns, Rows = rows } : look);

        int Fitting(int length, double side) => Math.Max(1, (int)((length + look.Gap) / (side + look.Gap)));
    }

    private static (Rect Frame, Rect Maps) Rooms(Size window)
    {
        (int frame, int height) = ((int)(window.Width * FrameShare), window.Height - StatusHeight);
        return (new Rect(0, 0, frame, height), new Rect(frame + Gap, 0, window.Width - frame - Gap, height));
    }

    // In the middle; never blurred when it is made larger.
    private static void Place(Mat screen, Mat picture, Rect room, double largest)
    {
        double scale = Math.Min(largest, Math.Min((double)room.Width / picture.Width, (double)room.Height / picture.Height));
        var size = new Size(Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));
        using var fitted = new Mat();
        Cv2.Resize(picture, fitted, size, 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Nearest);
        var corner = new Point(room.X + (room.Width - size.Width) / 2, room.Y + (room.Height - size.Height) / 2);
        using Mat place = screen.SubMat(new Rect(corner, size));
        fitted.CopyTo(place);
    }

    private static void WriteHelp(Mat screen)
    {
        (string Name, string Help)[] lines = [.. LiveKeys.Help];
        Rect box = new Rect(40, 40, 400, (lines.Length + 1) * (LineHeight + 4)).Intersect(new Rect(new Point(), screen.Size()));
        Cv2.Rectangle(screen, box, Background, -1);
        Cv2.Rectangle(screen, box, Dim);
        for (int i = 0; i < lines.Length; i++)
        {
            int y = box.Y + (i + 1) * (LineHeight + 4);
            Write(screen, lines[i].Name, new Point(box.X + 20, y), Text, 100);
            Write(screen, lines[i].Help, new Point(box.X + 130, y), Dim, box.Width - 140);
        }
    }

    private static void Write(Mat screen, string text, Point baseline, Scalar color, int width)
    {
        DrawnText drawn = TextPainter.Draw(TextPainter.Fit(text, TextPainter.Plain, width), TextPainter.Plain, Palette.Of(null));
        Rect place = new Rect(baseline.X, baseline.Y - TextPainter.Plain.Ascent, drawn.Size.Width, drawn.Size.Height)
            .Intersect(new Rect(new Point(), screen.Size()));
        if (place.Width <= 0 || place.Height <= 0)
            return;
        // Of black and white, so that a place on the palette is how much of the pixel is covered.
        using Mat all = Mat.FromPixelData(drawn.Size.Height, drawn.Size.Width, MatType.CV_8UC1, drawn.Indices);
        var seen = new Rect(place.X - baseline.X, place.Y - baseline.Y + TextPainter.Plain.Ascent, place.Width, place.Height);
        using Mat covered = all.SubMat(seen);
        using Mat target = screen.SubMat(place);
        for (int y = 0; y < place.Height; y++)
            for (int x = 0; x < place.Width; x++)
            {
                double share = covered.At<byte>(y, x) / 255.0;
                Vec3b under = target.At<Vec3b>(y, x);
                target.Set(y, x, new Vec3b(Mix(under.Item0, color.Val0), Mix(under.Item1, color.Val1), Mix(under.Item2, color.Val2)));

                byte Mix(byte from, double to) => (byte)Math.Round(from + share * (to - from));
            }
    }
}
