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
