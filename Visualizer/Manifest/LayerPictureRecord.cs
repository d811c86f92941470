namespace CnnOnnx.Visualizer.Manifest;

/// <summary>All channels of a layer in one picture: three principal components as red, green and blue.</summary>
/// <param name="File">From the folder of the manifest.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Explained">Share of the variance that each component holds.</param>
internal sealed record LayerPictureRecord(string File, int Width, int Height, double[] Explained);
