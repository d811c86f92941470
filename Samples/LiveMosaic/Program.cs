// The feature maps of one layer beside every frame of a video, in a window or as a new video.
//
//   LiveMosaic MODEL.onnx VIDEO|0 TENSOR [OUT.avi]
//
// 0 is the first camera. With OUT.avi nothing is shown, so it also works on a computer without a display.
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using OpenCvSharp;

if (args is not [string model, string video, string tensor, ..] || args.Length > 4)
{
    Console.Error.WriteLine("usage: LiveMosaic MODEL.onnx VIDEO|0 TENSOR [OUT.avi]");
    return 2;
}

try
{
    using var session = ActivationSession.Open(model, new() { Tensors = [tensor] });
    using VideoCapture capture = int.TryParse(video, out int camera) ? new(camera) : new(video);
    using VideoWriter? writer = args.Length == 4 ? new() : null;
    using var frame = new Mat();
    int frames = 0;
    while (capture.Read(frame) && !frame.Empty())
    {
        using Activations seen = session.Run(frame);

        // Without a legend every frame's mosaic has the same size. One range for the layer shows which maps are strong.
        using Mat mosaic = seen[0].Render(new() { Legend = false, Scaling = ScaleMode.Layer, MinTileSize = 48 });
        using Mat both = SideBySide(frame, mosaic);
        frames++;
        if (writer is null)
        {
            Cv2.ImShow(tensor, both);
            if (Cv2.WaitKey(1) == 27)
                break;
        }
        else
        {
            if (!writer.IsOpened())
                writer.Open(args[3], VideoWriter.FourCC("MJPG"), capture.Fps, both.Size());
            writer.Write(both);
        }
    }

    Console.WriteLine($"{frames} frames");
    return frames > 0 ? 0 : 1;
}
catch (Exception fault) when (fault is CnnOnnx.BadInputException or FileNotFoundException)
{
    Console.Error.WriteLine($"error: {fault.Message}");
    return 2;
}

static Mat SideBySide(Mat frame, Mat mosaic)
{
    using var scaled = new Mat();
    Cv2.Resize(mosaic, scaled, new Size(mosaic.Width * frame.Height / mosaic.Height, frame.Height), 0, 0, InterpolationFlags.Area);
    var both = new Mat();
    Cv2.HConcat([frame, scaled], both);
    return both;
}
