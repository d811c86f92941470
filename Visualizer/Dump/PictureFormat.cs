namespace CnnOnnx.Visualizer.Dump;

/// <summary>Of pictures of tensors.</summary>
internal enum PictureFormat
{
    /// <summary>Exact.</summary>
    Png,

    /// <summary>Small, with losses. No larger than 65,535 pixels a side.</summary>
    Jpeg,

    /// <summary>Exact, too: smaller, and slow to write. No larger than 16,383 pixels a side.</summary>
    Webp,
}
