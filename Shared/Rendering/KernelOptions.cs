using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>How weights are drawn.</summary>
public sealed record KernelOptions
{
    /// <summary>Null for gray. Kernels over colours have their own.</summary>
    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;

    /// <summary>A matrix has one range in any case.</summary>
    public KernelScaling Scaling { get; init; } = KernelScaling.Kernel;

    /// <summary>0 in the middle of the colormap, the largest magnitude at one of its ends.</summary>
    public bool Symmetric { get; init; }

    /// <summary>Of a first layer's three input channels; with <see cref="ChannelOrder.Gray"/> its kernels are not drawn in colour.</summary>
    public ChannelOrder InputChannels { get; init; } = ChannelOrder.Rgb;

    /// <summary>The first axis is the inputs and the second the outputs: ConvTranspose, and Gemm without transB.</summary>
    public bool InputsFirst { get; init; }

    /// <summary>Pixels of the picture's side; what has no place is left out, and the legend says so.</summary>
    public int MaxSide { get; init; } = 2048;

    public bool Legend { get; init; } = true;

    /// <summary>The same for one weight of a network: only the first layer's three inputs are colours.</summary>
    internal KernelOptions For(NetworkWeight weight) => this with
    {
        InputsFirst = weight.InputsFirst,
        InputChannels = weight.Index == 0 ? InputChannels : ChannelOrder.Gray,
    };
}
