using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Where channels, rows and columns of a tensor of pictures or feature maps are, and the way to [N, C, H, W] and back.</summary>
/// <param name="Layout">Axis of the channels.</param>
/// <param name="Rank">Number of axes of the tensor.</param>
internal sealed record MapAxes(ChannelLayout Layout, int Rank)
{
    /// <summary>True where the tensor has an axis for the batch: [N, C, H, W], [N, H, W, C], [N, C].</summary>
    public bool HasBatch => Rank is 2 or 4;

    /// <summary>True where the tensor has rows and columns, if only one of each.</summary>
    public bool IsOfMaps => Rank is 3 or 4;

    public static MapAxes Of(ChannelLayouts layouts, string tensor, int rank) => new(layouts.Of(tensor, rank).Layout, rank);

    /// <summary>The tensor as [N, C, H, W]: a view, without history. A vector becomes one row.</summary>
    public Tensor ToPlanes(Tensor tensor)
    {
        Tensor plain = tensor.detach();
        return (Rank, Layout) switch
        {
            (4, ChannelLayout.Last) => plain.permute(0, 3, 1, 2),
            (4, _) => plain,
            (3, ChannelLayout.Last) => plain.permute(2, 0, 1).unsqueeze(0),
            (3, _) => plain.unsqueeze(0),
            (2, _) => plain.unsqueeze(1).unsqueeze(1),
            _ => plain.reshape(1, 1, 1, -1),
        };
    }

    /// <summary>What <see cref="ToPlanes"/> has made, or a map for each sample, as the model has it: dense.</summary>
    /// <param name="planes">[N, C, H, W].</param>
    public Tensor FromPlanes(Tensor planes) => (Rank, Layout) switch
    {
        (4, ChannelLayout.Last) => planes.permute(0, 2, 3, 1).contiguous(),
        (4, _) => planes.contiguous(),
        (3, ChannelLayout.Last) => planes.squeeze(0).permute(1, 2, 0).contiguous(),
        (3, _) => planes.squeeze(0).contiguous(),
        (2, _) => planes.squeeze(1).squeeze(1).contiguous(),
        _ => planes.reshape(-1),
    };
}
