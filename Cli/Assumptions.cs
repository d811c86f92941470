using CnnOnnx.Imaging;
using CnnOnnx.Inference;

namespace CnnOnnx.Cli;

/// <summary>Lines about what nobody said and a program assumed, each with the way to say it.</summary>
internal static class Assumptions
{
    private const string Remedy = "say --preset NAME, or write it into the file with 'visualizer card'";

    /// <summary>The line about a preprocessing that was guessed.</summary>
    /// <param name="guess">The guess.</param>
    /// <param name="spec">What the pictures become by it; null where that depends on them.</param>
    public static string Line(PreprocessingGuess guess, InputSpec? spec) =>
        $"input: {guess}; {(spec is null ? "" : $"that is {spec}; ")}{Remedy}";
}
