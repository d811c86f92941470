using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Choice of what a dump writes, and its look.</summary>
internal sealed record DumpOptions
{
    public required ActivationOptions Activation { get; init; }

    public MosaicOptions Mosaic { get; init; } = new();

    /// <summary>Parts to leave out.</summary>
    public DumpParts Without { get; init; }

    /// <summary>Also one picture for each channel: the plain map, without a legend.</summary>
    public bool EachChannel { get; init; }

    /// <summary>Pixels of the shorter side of a picture of one channel; null for as many as the map has values.</summary>
    public int? ChannelTileSize { get; init; }

    /// <summary>Draws only this channel of each tensor, in place of mosaics.</summary>
    public int? Channel { get; init; }

    /// <summary>Axis of the channels of all tensors of four and more axes; null to follow the graph.</summary>
    public ChannelLayout? Layout { get; init; }

    /// <summary>Also all numbers, as activations.npz.</summary>
    public bool Raw { get; init; }

    /// <summary>Also each tensor as a NumPy file: arrays/&lt;tensor&gt;.npy.</summary>
    public bool Npy { get; init; }

    /// <summary>Also files that show the numbers in Netron and in Model Explorer.</summary>
    public bool Interchange { get; init; }

    /// <summary>Looks for dead and duplicate channels over all inputs.</summary>
    public bool Survey { get; init; }

    /// <summary>Also tables of all inputs; null when nobody asked.</summary>
    public TableOptions? Tables { get; init; }

    public PictureFormat Format { get; init; } = PictureFormat.Png;

    /// <summary>Bytes that tensors may take at a time; null for no limit.</summary>
    public long? Memory { get; init; }

    /// <summary>Also time, size and provider of each layer.</summary>
    public bool Profile { get; init; }

    /// <summary>Pictures in a run.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>A run of fewer pictures is filled up to the batch, so that the same arithmetic is done whatever their number.</summary>
    public bool FillsBatches { get; init; }

    /// <summary>Number of the first input among those of a plan; null without a plan.</summary>
    public long? First { get; init; }

    /// <summary>Skips inputs of which there is a whole dump.</summary>
    public bool Resume { get; init; }

    /// <summary>Files of others in the folder of the results are no obstacle.</summary>
    public bool Force { get; init; }

    /// <summary>Text that is the same for all options that lead to the same files.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Reports carry the pictures that are seen first in themselves.</summary>
    public bool SelfContained { get; init; } = true;

    /// <summary>Bytes that the values of maps may take beside each report.</summary>
    public long Values { get; init; } = 32 << 20;

    /// <summary>One picture for all channels of the last layer of each resolution, also where not all layers get one.</summary>
    public bool PcaOfStages { get; init; } = true;

    /// <summary>Threads that draw.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Pictures that are drawn at a time: one alone does not keep many cores busy, since its stages have parts that only one thread
    /// works on.
    /// </summary>
    public int PicturesAtOnce => Math.Max(1, Threads / 2);

    /// <summary>True for a part that is not left out.</summary>
    public bool Has(DumpParts part) => (Without & part) == 0;
}

/// <summary>Parts of a dump that can be left out.</summary>
[Flags]
internal enum DumpParts
{
    None = 0,

    /// <summary>A picture for each tensor.</summary>
    Mosaics = 1,

    /// <summary>The pages, of an input and above many.</summary>
    Report = 2,

    /// <summary>The weights, beside the maps that they make.</summary>
    Kernels = 4,

    /// <summary>One picture for all channels of a layer.</summary>
    Pca = 8,

    /// <summary>The table of all numbers; the manifest has them, too.</summary>
    Stats = 16,

    /// <summary>The folder of each input, with everything in it: what is left is what all inputs say together.</summary>
    Folders = 32,
}

/// <summary>File formats of pictures of tensors.</summary>
internal enum PictureFormat
{
    /// <summary>Exact.</summary>
    Png,

    /// <summary>Small, with losses. No larger than 65,535 pixels a side.</summary>
    Jpeg,

    /// <summary>Exact, too: smaller, and slow to write. No larger than 16,383 pixels a side.</summary>
    Webp,
}
