using CnnOnnx.Rendering;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>A picture of a weight.</summary>
/// <param name="Name">Name of the weight.</param>
/// <param name="Op">Type of the node that uses it.</param>
/// <param name="Node">Name of that node.</param>
/// <param name="Dtype">Element type in the model's file.</param>
/// <param name="Shape">Axes of the weight.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
/// <param name="Mean">Mean of all values.</param>
/// <param name="Std">Standard deviation of all values.</param>
/// <param name="Zeros">Share of zeros, 0 to 1.</param>
/// <param name="Quantized">The picture and the numbers are of the dequantised values.</param>
/// <param name="File">The picture, from the folder of the manifest.</param>
/// <param name="Width">Width of the picture, in pixels.</param>
/// <param name="Height">Height of the picture, in pixels.</param>
/// <param name="Tiles">Where the weights of each output are in the picture; null where they are not apart.</param>
/// <param name="Values">Script with one byte for each weight, from the folder of the manifest; null where there was no room for it.</param>
/// <param name="Colours">Order of the colours that its three inputs are: rgb or bgr; null where they are none.</param>
internal sealed record KernelRecord(
    string Name, string Op, string Node, string Dtype, long[] Shape, float Min, float Max, double Mean, double Std, double Zeros,
    bool Quantized, string File, int Width, int Height, TileGrid? Tiles = null, string? Values = null,
    string? Colours = null);
