namespace CnnOnnx.Visualizer.Statistics;

/// <summary>A picture while its tensors are surveyed, which may come in several parts.</summary>
/// <param name="number">Among all pictures, from 0.</param>
/// <param name="input">What it is; for messages.</param>
internal sealed class SurveyedPicture(int number, string input)
{
    public int Number => number;

    public string Input => input;

    /// <summary>What was surveyed, in the order in which it came.</summary>
    public List<SurveyedMaps> Maps { get; } = [];

    /// <summary>The first tensor with NaN or infinite values; null while there is none.</summary>
    public NonFiniteRecord? NonFinite { get; set; }
}
