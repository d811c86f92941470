using System.Text.Json.Serialization;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>One tensor in the manifest. Min, max, mean and std are of the finite values.</summary>
internal sealed record TensorRecord
{
    /// <summary>Place among all tensors that the model's nodes make; the same whatever was selected.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    public required string Op { get; init; }

    public required string Node { get; init; }

    public required string Dtype { get; init; }

    public required long[] Shape { get; init; }

    /// <summary>Kind of plumbing that it is, such as shape arithmetic; null for a tensor with features.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Plumbing { get; init; }

    /// <summary>Order of the axes, such as nhwc; null for channels first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Layout { get; init; }

    /// <summary>How the layout is known, in words; null for channels first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LayoutReason { get; init; }

    public required float Min { get; init; }

    public required float Max { get; init; }

    public required double Mean { get; init; }

    public required double Std { get; init; }

    /// <summary>Share of zeros, 0 to 1.</summary>
    public required double Zeros { get; init; }

    public required long Nan { get; init; }

    public required long Inf { get; init; }

    /// <summary>Percentiles at the manifest's percentages.</summary>
    public required double[] Percentiles { get; init; }

    /// <summary>Null when no value is finite.</summary>
    public required Histogram? Histogram { get; init; }

    /// <summary>The same for each channel, which is what a tile of the mosaic shows.</summary>
    public required ChannelTable ByChannel { get; init; }

    /// <summary>Bytes that the elements take; null without --profile.</summary>
    public long? Bytes { get; init; }

    /// <summary>Time of the node that makes it, when nothing is fused; null without --profile.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Execution provider that ran the node, such as CPUExecutionProvider; null without --profile.</summary>
    public string? Provider { get; init; }

    public required ScaleRecord Scale { get; init; }

    /// <summary>The mosaic, or the one channel that was asked for; null when mosaics are left out.</summary>
    public required WrittenPicture? Picture { get; init; }

    /// <summary>Its maps as the report shows them; null for vectors, and without a report.</summary>
    public MapsRecord? Maps { get; init; }

    /// <summary>Null unless asked for, and where there is nothing to sum up.</summary>
    public required LayerPictureRecord? Pca { get; init; }

    /// <summary>All values, as a NumPy file; null unless asked for.</summary>
    public required string? Array { get; init; }

    /// <summary>Files of the single channels, in their order; empty unless asked for.</summary>
    public required string[] Channels { get; init; }
}

/// <summary>Names of channel layouts, as the manifest has them.</summary>
internal static class LayoutNames
{
    /// <summary>The axes' letters: nhwc, and nlc or ndhwc for one place axis less or more.</summary>
    /// <param name="layout">Axis of the channels.</param>
    /// <param name="rank">Number of axes, at least 3.</param>
    public static string Of(ChannelLayout layout, int rank)
    {
        string places = rank == 3 ? "l" : rank == 4 ? "hw" : "dhw";
        return layout == ChannelLayout.Last ? $"n{places}c" : $"nc{places}";
    }
}

/// <summary>How values became colours.</summary>
/// <param name="Mode">One of the scale modes.</param>
/// <param name="Colormap">Name of the colormap on the command line.</param>
internal sealed record ScaleRecord(ScaleMode Mode, string Colormap);

/// <summary>Maps of a tensor.</summary>
/// <param name="Count">Number of maps.</param>
/// <param name="Height">Rows of a map.</param>
/// <param name="Width">Columns of a map.</param>
/// <param name="Values">Script with one byte for each value, from the folder of the manifest; null where there was no room for it.</param>
internal sealed record MapsRecord(int Count, int Height, int Width, string? Values);

/// <summary>All channels of a layer in one picture: three principal components as red, green and blue.</summary>
/// <param name="File">Path from the folder of the manifest.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Explained">Share of the variance that each component holds.</param>
internal sealed record LayerPictureRecord(string File, int Width, int Height, double[] Explained);
