using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>What a survey needs of a picture. Its tensors may come in several parts.</summary>
/// <param name="input">What it is; for messages.</param>
internal sealed class SurveyedPicture(string input)
{
    public string Input => input;

    /// <summary>What was surveyed, in the order in which it came.</summary>
    public List<SurveyedMaps> Maps { get; } = [];

    /// <summary>The first tensor with NaN or infinite values; null while there is none.</summary>
    public NonFiniteRecord? NonFinite { get; set; }
}

/// <summary>What the survey needs of the maps of one tensor for one picture.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Op">That makes it.</param>
/// <param name="Sample">Of the tensor, from 0.</param>
/// <param name="Area">Values of a map.</param>
/// <param name="Facts">Of each channel.</param>
/// <param name="Saturated">How many values of each channel are at a bound of the operation.</param>
/// <param name="Projected">See <see cref="Projection.Of"/>.</param>
internal sealed record SurveyedMaps(string Tensor, string Op, int Sample, int Area, TensorStatistics[] Facts, int[] Saturated, float[] Projected)
{
    /// <param name="tensor">Its name.</param>
    /// <param name="op">That makes it.</param>
    /// <param name="values">Of the whole tensor.</param>
    /// <param name="shape">Of the tensor.</param>
    /// <param name="sample">Of its batch.</param>
    /// <param name="known">Of the channels over the whole batch; used when there is one sample.</param>
    /// <param name="bounds">Of the operation.</param>
    public static SurveyedMaps Of(
        string tensor, string op, ReadOnlySpan<float> values, TensorShape shape, int sample, TensorStatistics[] known, SaturationBounds bounds)
    {
        var maps = FeatureMaps.Of(values, shape, sample);
        ReadOnlySpan<float> own = values.Slice(maps.Offset, maps.Length);
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

        return new SurveyedMaps(tensor, op, sample, maps.Area, facts, saturated, Projection.Of(own, maps.Area));
    }
}
