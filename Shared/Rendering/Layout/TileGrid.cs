namespace CnnOnnx.Rendering;

/// <summary>Where the channels of a picture are: equal tiles, row by row, from the channel with index 0. In pixels.</summary>
/// <param name="X">Left edge of the first tile.</param>
/// <param name="Y">Upper edge of the first tile.</param>
/// <param name="Width">Of a tile.</param>
/// <param name="Height">Of a tile.</param>
/// <param name="Gap">Between tiles.</param>
/// <param name="Columns">Tiles in a row.</param>
/// <param name="Count">Tiles; the last row may be shorter.</param>
public readonly record struct TileGrid(int X, int Y, int Width, int Height, int Gap, int Columns, int Count);
