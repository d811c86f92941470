using System.Globalization;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Live;

/// <summary>The window: reads frames, runs the network, draws, and asks for keys, until it is closed.</summary>
internal sealed class LiveWindow(LiveNetwork network, LiveSource source)
{
    private const string Title = "CnnOnnx live";

    // Milliseconds for the window to draw itself in; longer when nothing changes, so that waiting costs nothing.
    private const int Busy = 1, Idle = 30;

    private readonly FrameRate _rate = new(TimeProvider.System);

    /// <summary>Frames that were run.</summary>
    public int Frames { get; private set; }

    /// <returns>What it showed last.</returns>
    public LiveView Show(LiveView view, CancellationToken cancel)
    {
        Cv2.NamedWindow(Title, WindowFlags.KeepRatio);
        Cv2.ResizeWindow(Title, view.Window.Width, view.Window.Height);
        Activations? seen = null;
        try
        {
            using var frame = new Mat();
            LiveView? drawn = null;
            while (!view.IsOver && !cancel.IsCancellationRequested)
            {
                // A frozen picture is still run through another layer.
                bool isNew = !(view.IsFrozen && !frame.Empty()) && source.Read(frame);
                if (isNew || view.Layer != drawn?.Layer)
                {
                    Activations next = network.Run(frame, view.Layer, cancel);
                    seen?.Dispose();
                    seen = next;
                    Frames++;
                    _rate.Count();
                }
                else
                {
                    _rate.Pause();
                }

                bool changed = isNew || view != drawn;
                if (changed)
                    Draw(frame, seen!, view);
                drawn = view;
                view = Press(view, Cv2.WaitKeyEx(changed ? Busy : Idle), seen!);
                // A property that a window always has and one that the user has closed has not: GTK cannot be asked for Visible.
                if (Cv2.GetWindowProperty(Title, WindowPropertyFlags.AutoSize) < 0)
                    return view;
                // Drawn in its own size: nothing is blurred, and a larger window has room for more.
                view = view with { Window = LiveScreen.SizeIn(Cv2.GetWindowImageRect(Title).Size) };
            }
        }
        finally
        {
            seen?.Dispose();
            Cv2.DestroyAllWindows();
        }

        cancel.ThrowIfCancellationRequested();
        return view;
    }

    private LiveView Press(LiveView view, int code, Activations seen)
    {
        if (LiveKeys.Parse(code) is not { } key)
            return view;
        LiveView next = view.Press(key, network.Layers.Count, seen.Count == 0 ? 0 : ChannelsOf(seen[0]));
        if (next.PicturesAsked > view.PicturesAsked)
            source.Skip();
        return next;
    }

    private int ChannelsOf(Activation layer) =>
        FeatureMaps.Of(layer.Values, layer.Shape, sample: 0, network.LayoutOf(layer)).Count;

    private void Draw(Mat frame, Activations seen, LiveView view)
    {
        using Mat maps = seen.Count > 0
            ? LiveScreen.DrawMaps(seen[0], network.LayoutOf(seen[0]), view)
            : new Mat(16, 16, MatType.CV_8UC3, Scalar.Black);
        using Mat screen = LiveScreen.Compose(frame, maps, view, [Layer(seen, view), Numbers(seen, view)]);
        Cv2.ImShow(Title, screen);
    }

    private string Layer(Activations seen, LiveView view)
    {
        string where = $"layer {view.Layer + 1} of {network.Layers.Count}: ";
        if (seen.Count == 0)
            return $"{where}cannot be shown: {network.Refusal}";
        string channel = view.Channel is { } one ? $", channel {one} of {ChannelsOf(seen[0])}" : "";
        return $"{where}{seen[0].Name} ({seen[0].Op}) {seen[0].Shape}{channel}";
    }

    private string Numbers(Activations seen, LiveView view)
    {
        string top = seen.Scores is { Top: [var best, ..] } ? $", {best}" : "";
        string rate = view.IsFrozen ? "held"
            : _rate.PerSecond == 0 ? "still"
            : string.Create(CultureInfo.InvariantCulture, $"{_rate.PerSecond:0.0} frames/s");
        string colours = $"{Colormaps.NameOf(view.Colormap)}, {view.Scaling.ToString().ToLowerInvariant()} scale";
        return $"{rate} on {network.Device}{top}  |  {colours}  |  h: help";
    }
}

/// <summary>Frames a second, averaged over about the last ten frames.</summary>
internal sealed class FrameRate(TimeProvider time)
{
    private const double Weight = 0.1;
    private long? _last;
    private double _seconds;

    /// <summary>0 until two frames were counted.</summary>
    public double PerSecond => _seconds > 0 ? 1 / _seconds : 0;

    public void Count()
    {
        long now = time.GetTimestamp();
        if (_last is { } last)
        {
            double took = time.GetElapsedTime(last, now).TotalSeconds;
            _seconds = _seconds == 0 ? took : _seconds + Weight * (took - _seconds);
        }

        _last = now;
    }

    /// <summary>Starts anew after a pause: the time until the next frame is not counted.</summary>
    public void Pause() => _last = null;
}
