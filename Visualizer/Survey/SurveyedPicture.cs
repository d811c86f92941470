using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>Measurements of one picture for the survey. Its tensors may come in several parts.</summary>
/// <param name="input">The picture as it was given; for messages.</param>
internal sealed class SurveyedPicture(string input)
{
    public string Input => input;

    /// <summary>Measurements of tensors, in the order in which they came.</summary>
    public List<SurveyedMaps> Maps { get; } = [];

    /// <summary>The first tensor with NaN or infinite values; null while there is none.</summary>
    public NonFiniteRecord? NonFinite { get; set; }
}

/// <summary>Measurements of the maps of one tensor for one picture.</summary>
/// <param name="Tensor">Name of the tensor.</param>
/// <param name="Op">Type of the node that makes it.</param>
/// <param name="Sample">Index in the tensor's batch, from 0.</param>
/// <param name="Area">Number of values of a map.</param>
/// <param name="Facts">Statistics of each channel.</param>
/// <param name="Saturated">How many values of each channel are at a bound of the operation.</param>
/// <param name="Projected">See <see cref="Projection.Of"/>.</param>
internal sealed record SurveyedMaps(string Tensor, string Op, int Sample, int Area, TensorStatistics[] Facts, int[] Saturated,
    float[] Projected)
{
    /// <summary>Counts of all values of all channels.</summary>
    public SketchedValues Values { get; init; } = SketchedValues.None;

    /// <param name="tensor">Name of the tensor.</param>
    /// <param name="op">Type of the node that makes it.</param>
    /// <param name="values">All values of the tensor.</param>
    /// <param name="shape">Axes of the tensor.</param>
    /// <param name="sample">Index in the batch, from 0.</param>
    /// <param name="known">Statistics of the channels over the whole batch; used when there is one sample.</param>
    /// <param name="bounds">Values at which the operation stops answering.</param>
    /// <param name="layout">Axis of the channels.</param>
    public static SurveyedMaps Of(
        string tensor, string op, ReadOnlySpan<float> values, TensorShape shape, int sample, TensorStatistics[] known,
        SaturationBounds bounds, ChannelLayout layout = ChannelLayout.First)
    {
        var maps = FeatureMaps.Of(values, shape, sample, layout);
        ReadOnlySpan<float> own = maps.Planes(values);
        bool isKnown = own.Length == values.Length;
        var facts = isKnown ? known : new TensorStatistics[known.Length];
        int[] saturated = new int[known.Length];
        for (int channel = 0; channel < known.Length; channel++)
        {
            ReadOnlySpan<float> map = own.Slice(channel * maps.Area, maps.Area);
            if (!isKnown)
                facts[channel] = TensorStatistics.From(map);
            saturated[channel] = bounds.Any ? bounds.Count(map) : 0;
        }

        return new SurveyedMaps(tensor, op, sample, maps.Area, facts, saturated, Projection.Of(own, maps.Area))
        {
            Values = ValueSketch.Of(own),
        };
    }
}
