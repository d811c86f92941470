using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Rendering;

/// <summary>How values become places 0 to 255 on a colormap; what falls outside is clipped.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ScaleMode>))]
public enum ScaleMode
{
    /// <summary>Each map from its own smallest to its own largest value: shows the pattern of every map, not which one is strong.</summary>
    Tile,

    /// <summary>One range for the layer, from its smallest to its largest value: maps can be compared.</summary>
    Layer,

    /// <summary>(x − mean) / std · 64 + 128 with each map's own mean and std, so two standard deviations either way.</summary>
    Standard,

    /// <summary>x · 255: for values that are meant to lie in 0..1.</summary>
    Raw255,

    /// <summary>Around 0, which is at 128: 128 + x / max|x| · 127 with the layer's largest magnitude.</summary>
    Symmetric,
}
