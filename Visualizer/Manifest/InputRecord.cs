namespace CnnOnnx.Visualizer.Manifest;

/// <summary>What the run was made on.</summary>
/// <param name="File">As it was given.</param>
/// <param name="Width">Of the picture; null for tensors.</param>
/// <param name="Height">Of the picture; null for tensors.</param>
/// <param name="Shape">Of the tensor that the network got.</param>
/// <param name="Picture">A small copy of it.</param>
/// <param name="NetworkPicture">As the network sees it.</param>
internal sealed record InputRecord(
    string File, int? Width, int? Height, long[] Shape, PictureRecord? Picture, PictureRecord? NetworkPicture);
