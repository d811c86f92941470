using CnnOnnx.Rendering;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>A picture that was written.</summary>
/// <param name="File">From the folder of the manifest, with forward slashes.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Tiles">Where each channel is in it; null where there are none.</param>
internal sealed record PictureRecord(string File, int Width, int Height, TileGrid? Tiles = null);
