using System.Runtime.InteropServices;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>
/// Turns pictures into network inputs one after another, with the same buffers: for videos and folders. Not for several
/// threads at once.
/// </summary>
internal sealed class PictureTensorizer(InputSpec spec) : IDisposable
{
    private const int LetterboxGray = 114;

    private readonly Mat _real = new();
    private readonly Mat _scaled = new();
    private readonly Mat _colour = new();
    private readonly Mat _plane = new();

    public InputSpec Spec { get; } = spec;

    /// <summary>Number of floats that one picture takes: C·H·W.</summary>
    public int Length => checked(Spec.ChannelCount * Spec.Height * Spec.Width);

    /// <summary>Fills an input with a picture: cut, resized, recoloured and normalised.</summary>
    /// <param name="picture">
    /// Grey, BGR or BGRA (transparency is ignored) of 8, 16 or 32 bits, or floating point with white at 1: all come to the same range.
    /// </param>
    /// <param name="nchw">Filled with C·H·W floats, channels in the order that the specification asks for.</param>
    /// <exception cref="ArgumentException">An empty Mat, a strange type, a span of another length.</exception>
    public void ToNchw(Mat picture, Span<float> nchw)
    {
        Require(picture);
        if (nchw.Length != Length)
            throw new ArgumentException(
                $"Expected room for {Spec.ChannelCount}x{Spec.Height}x{Spec.Width} = {Length} floats, got {nchw.Length}.");

        PicturePlacement placement = PicturePlacement.Of(picture.Size(), Spec);
        double white = Scale(picture, placement);
        Rect inside = placement.Target.Intersect(new Rect(0, 0, Spec.Width, Spec.Height));
        using Mat seen = _scaled.SubMat(new Rect(inside.TopLeft - placement.Target.TopLeft, inside.Size));
        Mat colour = Recolour(seen);
        for (int c = 0; c < Spec.ChannelCount; c++)
        {
            double std = Spec.Std.Length == 0 ? 1 : Spec.Std[c];
            double mean = Spec.Mean.Length == 0 ? 0 : Spec.Mean[c];
            var scale = (Factor: Spec.Range / white / std, Shift: -mean / std);
            Cv2.ExtractChannel(colour, _plane, Spec.Channels == ChannelOrder.Rgb ? 2 - c : c);
            int area = Spec.Height * Spec.Width;
            FillPlane(nchw.Slice(c * area, area), inside, scale, LetterboxGray / 255.0 * white);
        }
    }

    /// <exception cref="ArgumentException">The Mat is no picture.</exception>
    public static void Require(Mat picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Empty())
            throw new ArgumentException(
                "The picture is an empty Mat. Cv2.ImRead returns one for a file that it cannot read (PictureFile.Read says why), and a"
                    + " VideoCapture at its end.");
        if (picture.Dims != 2 || picture.Channels() is not (1 or 3 or 4))
            throw new ArgumentException($"Expected a picture of 1, 3 or 4 channels, got {picture.Type()} of "
                + (picture.Dims == 2 ? $"{picture.Cols}x{picture.Rows}." : $"{picture.Dims} axes."));
    }

    public void Dispose()
    {
        _real.Dispose();
        _scaled.Dispose();
        _colour.Dispose();
        _plane.Dispose();
    }

    // Averaging areas keeps what falls between the grid points when a picture shrinks; it means nothing when one grows. torchvision and
    // Pillow weigh a shrinking picture with a triangle of twice that width, which OpenCV does not have: theirs is a little softer, by
    // half a grey level on average on a photograph of 480x360, and by more than three at one pixel of a hundred. Returns what is white
    // in the scaled picture.
    private double Scale(Mat picture, PicturePlacement placement)
    {
        double white = PixelDepth.WhiteOf(picture);
        bool isTaken = PixelDepth.IsTakenByAll(picture);
        if (!isTaken)
            picture.ConvertTo(_real, MatType.CV_32F, 1 / white);
        using Mat part = (isTaken ? picture : _real).SubMat(placement.Source);
        bool shrinks = placement.Target.Width <= part.Cols && placement.Target.Height <= part.Rows;
        Cv2.Resize(part, _scaled, placement.Target.Size, 0, 0, shrinks ? InterpolationFlags.Area : InterpolationFlags.Linear);
        return isTaken ? white : 1;
    }

    private Mat Recolour(Mat seen)
    {
        ColorConversionCodes? code = (seen.Channels(), Spec.ChannelCount) switch
        {
            (1, 3) => ColorConversionCodes.GRAY2BGR,
            (4, 3) => ColorConversionCodes.BGRA2BGR,
            (3, 1) => ColorConversionCodes.BGR2GRAY,
            (4, 1) => ColorConversionCodes.BGRA2GRAY,
            _ => null,
        };
        if (code is null)
            return seen;
        Cv2.CvtColor(seen, _colour, code.Value);
        return _colour;
    }

    private unsafe void FillPlane(Span<float> plane, Rect target, (double Factor, double Shift) scale, double gray)
    {
        if (target.Width * target.Height != plane.Length)
            plane.Fill((float)(gray * scale.Factor + scale.Shift));
        fixed (float* start = plane)
        {
            using Mat whole = Mat.FromPixelData(Spec.Height, Spec.Width, MatType.CV_32FC1, (IntPtr)start);
            using Mat inside = whole.SubMat(target);
            // The type and the size fit, so OpenCV writes into the memory that is there.
            _plane.ConvertTo(inside, MatType.CV_32FC1, scale.Factor, scale.Shift);
        }
    }
}

/// <summary>Turns one picture into a network's input.</summary>
public static class Preprocessor
{
    /// <inheritdoc cref="PictureTensorizer.ToNchw"/>
    /// <param name="bgr"><inheritdoc cref="PictureTensorizer.ToNchw" path="/param[@name='picture']"/></param>
    /// <param name="spec">Size, channels, range, mean and std.</param>
    public static void ToNchw(Mat bgr, InputSpec spec, Span<float> nchw)
    {
        using var tensorizer = new PictureTensorizer(spec);
        tensorizer.ToNchw(bgr, nchw);
    }

    /// <summary>Makes a float32 tensor of shape [1, C, H, W] of a picture.</summary>
    /// <inheritdoc cref="ToNchw"/>
    public static TensorData ToTensor(Mat bgr, InputSpec spec)
    {
        using var tensorizer = new PictureTensorizer(spec);
        byte[] bytes = new byte[tensorizer.Length * sizeof(float)];
        tensorizer.ToNchw(bgr, MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        return new TensorData(ElementType.Float, new TensorShape(1, spec.ChannelCount, spec.Height, spec.Width), bytes);
    }
}
