using CnnOnnx.Inference;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Shows an input that was given as numbers as a picture, so that maps can be laid over it.</summary>
internal static class TensorView
{
    /// <summary>Draws the first sample: three channels as red, green and blue, others as their mean in grey; least to most.</summary>
    /// <param name="input">The input of a run.</param>
    /// <returns>8UC3; the caller disposes it.</returns>
    public static unsafe Mat Of(Activation input)
    {
        bool isLast = input.Shape.Rank == 4 && input.Shape[3] is 1 or 3 && input.Shape[1] is not (1 or 3);
        FeatureMaps maps = FeatureMaps.Of(input.Values, input.Shape, 0, isLast ? ChannelLayout.Last : ChannelLayout.First);
        ReadOnlySpan<float> planes = maps.Planes(input.Values);
        int area = maps.Area;
        (float least, float most) = (float.MaxValue, float.MinValue);
        foreach (float value in planes)
            if (float.IsFinite(value))
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
        float range = most > least ? most - least : 1;
        var view = new Mat(maps.Height, maps.Width, MatType.CV_8UC3);
        for (int y = 0; y < maps.Height; y++)
        {
            var row = (Vec3b*)view.Ptr(y);
            for (int x = 0; x < maps.Width; x++)
            {
                int place = y * maps.Width + x;
                float sum = 0;
                for (int channel = 0; channel < maps.Count; channel++)
                    sum += planes[channel * area + place];
                row[x] = maps.Count == 3
                    ? new Vec3b(Level(planes[2 * area + place]), Level(planes[area + place]), Level(planes[place]))
                    : new Vec3b(Level(sum / maps.Count), Level(sum / maps.Count), Level(sum / maps.Count));
            }
        }

        return view;

        byte Level(float value) => (byte)(255 * Math.Clamp((value - least) / range, 0, 1));
    }
}
