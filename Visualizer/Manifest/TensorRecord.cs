using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>One tensor in the manifest. Min, max, mean and std are of the finite values.</summary>
internal sealed record TensorRecord
{
    /// <summary>Among all tensors that the model's nodes make; the same whatever was selected.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    public required string Op { get; init; }

    public required string Node { get; init; }

    public required string Dtype { get; init; }

    public required long[] Shape { get; init; }

    public required float Min { get; init; }

    public required float Max { get; init; }

    public required double Mean { get; init; }

    public required double Std { get; init; }

    /// <summary>Share of zeros, 0 to 1.</summary>
    public required double Zeros { get; init; }

    public required long Nan { get; init; }

    public required long Inf { get; init; }

    /// <summary>At the manifest's percentages.</summary>
    public required double[] Percentiles { get; init; }

    /// <summary>Null when no value is finite.</summary>
    public required Histogram? Histogram { get; init; }

    /// <summary>The same for each channel, which is what a tile of the mosaic shows.</summary>
    public required ChannelTable ByChannel { get; init; }

    /// <summary>That its elements take; null without --profile.</summary>
    public long? Bytes { get; init; }

    /// <summary>Of the node that makes it, when nothing is fused; null without --profile.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>That ran the node, such as CPUExecutionProvider; null without --profile.</summary>
    public string? Provider { get; init; }

    public required ScaleRecord Scale { get; init; }

    /// <summary>The mosaic, or the one channel that was asked for; null when mosaics are left out.</summary>
    public required WrittenPicture? Picture { get; init; }

    /// <summary>Null unless asked for, and where there is nothing to sum up.</summary>
    public required LayerPictureRecord? Pca { get; init; }

    /// <summary>All values, as a NumPy file; null unless asked for.</summary>
    public required string? Array { get; init; }

    /// <summary>Files of the single channels, in their order; empty unless asked for.</summary>
    public required string[] Channels { get; init; }
}

/// <summary>How values became colours.</summary>
/// <param name="Mode">One of the scale modes.</param>
/// <param name="Colormap">By its name on the command line.</param>
internal sealed record ScaleRecord(ScaleMode Mode, string Colormap);

/// <summary>All channels of a layer in one picture: three principal components as red, green and blue.</summary>
/// <param name="File">From the folder of the manifest.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Explained">Share of the variance that each component holds.</param>
internal sealed record LayerPictureRecord(string File, int Width, int Height, double[] Explained);
