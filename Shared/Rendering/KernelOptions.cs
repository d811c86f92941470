using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Colours, scale and extent of a picture of weights.</summary>
public sealed record KernelOptions
{
    /// <summary>Colours of the weights, one of OpenCV's colormaps; null for gray. Kernels over colours have their own.</summary>
    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;

    /// <summary>Which weights share a range; a matrix has one in any case.</summary>
    public KernelScaling Scaling { get; init; } = KernelScaling.Kernel;

    /// <summary>
    /// True for 0 in the middle of the colours and the largest magnitude at one of their ends; matrices and coloured kernels are so in any
    /// case.
    /// </summary>
    public bool Symmetric { get; init; }

    /// <summary>Colours of a first layer's three inputs; with <see cref="ChannelOrder.Gray"/> its kernels have no colours.</summary>
    public ChannelOrder InputChannels { get; init; } = ChannelOrder.Rgb;

    /// <summary>True when the first axis is the inputs and the second the outputs: ConvTranspose, and Gemm without transB.</summary>
    public bool InputsFirst { get; init; }

    /// <summary>Most pixels of the picture's side; what has no place is left out, and the legend says so.</summary>
    public int MaxSide { get; init; } = 2048;

    /// <summary>Ground and words of the picture.</summary>
    public PictureTheme Theme { get; init; }

    /// <summary>True for title, shape, range and colour bar above the kernels.</summary>
    public bool Legend { get; init; } = true;

    /// <summary>Colours of weights: around zero with the standard colormap blue, the ground and orange.</summary>
    /// <param name="isAroundZero">True when 0 is in the middle of the scale.</param>
    internal Palette PaletteFor(bool isAroundZero) => MosaicOptions.PaletteOf(Colormap, isAroundZero, Theme);

    /// <summary>Adapts the options to one weight of a network: only the first layer's three inputs are colours.</summary>
    /// <param name="weight">One of the network's weights.</param>
    internal KernelOptions For(NetworkWeight weight) => this with
    {
        InputsFirst = weight.InputsFirst,
        InputChannels = weight.Index == 0 ? InputChannels : ChannelOrder.Gray,
    };
}
