using CnnOnnx.Rendering;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>How values became colours.</summary>
/// <param name="Mode">One of the scale modes.</param>
/// <param name="Colormap">By its name on the command line.</param>
internal sealed record ScaleRecord(ScaleMode Mode, string Colormap);
