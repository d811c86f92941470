using CnnOnnx.Inference;
using CnnOnnx.Rendering;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>What a dump writes, and how it looks.</summary>
internal sealed record DumpOptions
{
    public required ActivationOptions Activation { get; init; }

    public MosaicOptions Mosaic { get; init; } = new();

    /// <summary>Also one picture for each channel: the plain map, without a legend.</summary>
    public bool EachChannel { get; init; }

    /// <summary>Of a picture of one channel; null for as many pixels as the map has values.</summary>
    public int? ChannelTileSize { get; init; }

    /// <summary>Draws only this channel of each tensor, in place of mosaics.</summary>
    public int? Channel { get; init; }

    /// <summary>Also all numbers, as activations.npz.</summary>
    public bool Raw { get; init; }

    /// <summary>Also each tensor as a NumPy file: arrays/&lt;tensor&gt;.npy.</summary>
    public bool Npy { get; init; }

    /// <summary>Also files that show the numbers in Netron and in Model Explorer.</summary>
    public bool Interchange { get; init; }

    /// <summary>Also one picture for all channels of a layer.</summary>
    public bool Pca { get; init; } = true;

    /// <summary>Looks for dead and duplicate channels over all inputs.</summary>
    public bool Survey { get; init; }

    /// <summary>Also the weights, beside the maps that they make.</summary>
    public bool Kernels { get; init; } = true;

    /// <summary>Threads that draw.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
