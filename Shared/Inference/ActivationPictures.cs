using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>Pictures of activations.</summary>
public static class ActivationPictures
{
    extension(Mosaic)
    {
        /// <summary>The maps of an activation side by side, as BGR (8UC3). The caller disposes it.</summary>
        public static Mat Render(Activation map, MosaicOptions? options = null) =>
            Mosaic.Render(map.Values, map.Shape, map.Name, options ?? new MosaicOptions());

        /// <summary>Like Render, as a picture of 256 colours. The caller disposes it.</summary>
        public static IndexedPicture Draw(Activation map, MosaicOptions? options = null) =>
            Mosaic.Draw(map.Values, map.Shape, map.Name, options ?? new MosaicOptions());
    }
}
