namespace CnnOnnx.Visualizer.Dump;

/// <summary>What a dump has unless it is told to leave it out.</summary>
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
}
