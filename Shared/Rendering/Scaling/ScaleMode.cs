using System.Collections.Frozen;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Statistics;

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

    /// <summary>
    /// Each map from its 1st to its 99th percentile, its own range where these are equal: single outliers do not darken the rest. Of maps
    /// of more than 4,096 values so many are looked at, evenly spread.
    /// </summary>
    Robust,
}

/// <summary>A scale mode in numbers and in words.</summary>
/// <param name="IsPerMap">True when every map has a scale of its own.</param>
/// <param name="SaysRange">True when the labels say the layer's range.</param>
/// <param name="Remark">Words for the legend.</param>
/// <param name="Fit">The scale for the values (of a map or of the layer) that have this range.</param>
/// <param name="Labels">Words below the colour bar's start, middle and end, given the layer's range.</param>
internal sealed record ScaleRule(
    bool IsPerMap,
    bool SaysRange,
    string Remark,
    Func<ReadOnlySpan<float>, ValueRange, ValueScale> Fit,
    Func<ValueRange, (string Low, string Middle, string High)> Labels)
{
    private static readonly FrozenDictionary<ScaleMode, ScaleRule> Table = new Dictionary<ScaleMode, ScaleRule>
    {
        [ScaleMode.Tile] = new(true, false, "each map by its own range",
            (_, range) => ValueScale.FromRange(range),
            _ => ("min", "", "max")),
        [ScaleMode.Layer] = new(false, true, "one range for the layer",
            (_, range) => ValueScale.FromRange(range),
            range => (Numbers.Short(range.Min), Numbers.Short(((double)range.Min + range.Max) / 2), Numbers.Short(range.Max))),
        [ScaleMode.Robust] = new(true, false, "each map by itself, 1–99 %",
            (values, range) => ValueScale.FromRange(RobustRange.Of(values, range)),
            _ => ("low", "", "high")),
        [ScaleMode.Standard] = new(true, false, "each map by its own mean and std",
            (values, _) => Standard(values),
            _ => ("mean − 2 std", "mean", "mean + 2 std")),
        [ScaleMode.Raw255] = new(false, false, "x * 255, clipped",
            (_, _) => new ValueScale(0, 255, 0),
            _ => ("0", "0.5", "1")),
        [ScaleMode.Symmetric] = new(false, false, "one range for the layer, around 0",
            (_, range) => ValueScale.Symmetric(range.MaxAbsolute),
            range => (Numbers.Short(-range.MaxAbsolute), "0", Numbers.Short(range.MaxAbsolute))),
    }.ToFrozenDictionary();

    public static ScaleRule Of(ScaleMode mode) => Table.TryGetValue(mode, out ScaleRule? rule)
        ? rule
        : throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a scale mode.");

    private static ValueScale Standard(ReadOnlySpan<float> values)
    {
        TensorStatistics statistics = TensorStatistics.From(values);
        return ValueScale.Standard(statistics.Mean, statistics.Std);
    }
}
