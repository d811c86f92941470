using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>Shows a picture as the network sees it: resized, cut and recoloured, but with its own brightness.</summary>
internal static class NetworkView
{
    /// <summary>Makes a BGR picture (8UC3) of the network's size; the caller disposes it.</summary>
    /// <param name="picture">Gray, BGR or BGRA.</param>
    /// <param name="spec">Size, way of resizing and colours of the input.</param>
    public static unsafe Mat Of(Mat picture, InputSpec spec)
    {
        ChannelOrder channels = spec.Channels == ChannelOrder.Gray ? ChannelOrder.Gray : ChannelOrder.Bgr;
        InputSpec plain = spec with { Channels = channels, Range = 255, Mean = [], Std = [] };
        float[] nchw = new float[plain.ChannelCount * plain.Height * plain.Width];
        Preprocessor.ToNchw(picture, plain, nchw);
        var planes = new Mat[plain.ChannelCount];
        fixed (float* values = nchw)
        {
            for (int c = 0; c < planes.Length; c++)
            {
                planes[c] = new Mat();
                var start = (IntPtr)(values + c * plain.Height * plain.Width);
                using Mat plane = Mat.FromPixelData(plain.Height, plain.Width, MatType.CV_32FC1, start);
                plane.ConvertTo(planes[c], MatType.CV_8U);
            }
        }

        var view = new Mat();
        if (planes.Length == 1)
            Cv2.CvtColor(planes[0], view, ColorConversionCodes.GRAY2BGR);
        else
            Cv2.Merge(planes, view);
        foreach (Mat plane in planes)
            plane.Dispose();
        return view;
    }
}
