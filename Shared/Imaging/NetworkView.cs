using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>A picture as the network sees it: resized, cut and recoloured, but with its own brightness.</summary>
internal static class NetworkView
{
    /// <summary>BGR; the caller disposes it.</summary>
    public static unsafe Mat Of(Mat picture, InputSpec spec)
    {
        InputSpec plain = spec with { Channels = spec.Channels == ChannelOrder.Gray ? ChannelOrder.Gray : ChannelOrder.Bgr, Range = 255, Mean = [], Std = [] };
        float[] nchw = new float[plain.ChannelCount * plain.Height * plain.Width];
        Preprocessor.ToNchw(picture, plain, nchw);
        var planes = new Mat[plain.ChannelCount];
        fixed (float* values = nchw)
        {
            for (int c = 0; c < planes.Length; c++)
            {
                planes[c] = new Mat();
                using Mat plane = Mat.FromPixelData(plain.Height, plain.Width, MatType.CV_32FC1, (IntPtr)(values + c * plain.Height * plain.Width));
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
