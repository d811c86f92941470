using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>Pictures of activations.</summary>
public static class ActivationPictures
{
    /// <summary>Draws the maps of an activation side by side, as BGR (8UC3). The caller disposes the picture.</summary>
    /// <param name="map">A tensor of a run that was not disposed.</param>
    /// <param name="options">Look of the picture; the standard look when not given.</param>
    public static Mat Render(this Activation map, MosaicOptions? options = null) => Mosaic.Render(map, options);

    /// <summary>Draws the maps of an activation side by side, as a picture of 256 colours. The caller disposes the picture.</summary>
    /// <param name="map">A tensor of a run that was not disposed.</param>
    /// <param name="options">Look of the picture; the standard look when not given.</param>
    public static IndexedPicture Draw(this Activation map, MosaicOptions? options = null) => Mosaic.Draw(map, options);
}

/// <summary>The mosaic of an activation, for the code inside.</summary>
internal static class ActivationMosaic
{
    extension(Mosaic)
    {
        /// <inheritdoc cref="ActivationPictures.Render"/>
        public static Mat Render(Activation map, MosaicOptions? options = null) =>
            Mosaic.Render(map.Values, map.Shape, map.Name, Placed(map, options));

        /// <inheritdoc cref="ActivationPictures.Draw"/>
        public static IndexedPicture Draw(Activation map, MosaicOptions? options = null) =>
            Mosaic.Draw(map.Values, map.Shape, map.Name, Placed(map, options));
    }

    private static MosaicOptions Placed(Activation map, MosaicOptions? options)
    {
        options ??= new MosaicOptions();
        return options.Channels is null ? options with { Channels = map.Layout } : options;
    }
}

/// <summary>Numbers of activations.</summary>
internal static class ActivationNumbers
{
    extension(TensorNumbers)
    {
        /// <summary>Measures all elements, as they are in memory where that is faster; the channels first.</summary>
        public static TensorNumbers Of(Activation activation) => TensorNumbers.Of(activation, ChannelLayout.First);

        /// <summary>Measures all elements, as they are in memory where that is faster.</summary>
        /// <param name="activation">The tensor.</param>
        /// <param name="layout">Axis of the channels.</param>
        public static TensorNumbers Of(Activation activation, ChannelLayout layout) => ByteLevels.Of(activation.ElementType) is { } levels
            ? TensorNumbers.Of(activation.Raw, levels, activation.Shape, layout)
            : TensorNumbers.Of(activation.Values, activation.Shape, layout);
    }
}
