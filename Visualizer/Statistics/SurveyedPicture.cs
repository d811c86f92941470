namespace CnnOnnx.Visualizer.Statistics;

/// <summary>A picture while its tensors are surveyed, which may come in several parts.</summary>
/// <param name="number">Among all pictures, from 0.</param>
/// <param name="input">What it is; for messages.</param>
internal sealed class SurveyedPicture(int number, string input)
{
    public int Number => number;

    public string Input => input;

    /// <summary>It is known to make NaN or infinite values.</summary>
    public bool IsNonFinite { get; set; }
}
