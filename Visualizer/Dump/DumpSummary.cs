using System.Globalization;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The result of the dump command as JSON.</summary>
/// <param name="Model">File of the model.</param>
/// <param name="Device">The device that was really used.</param>
/// <param name="Report">Path of the report, above all inputs when there are several; null when there is none.</param>
/// <param name="Preprocessing">How the first picture became the input; null when tensors were given, and when nothing was run.</param>
/// <param name="PreprocessingSource">Origin of the preprocessing; null when nothing was run.</param>
/// <param name="Inputs">What became of each input.</param>
internal sealed record DumpSummary(string Model, string Device, string? Report, InputSpec? Preprocessing, string? PreprocessingSource,
    DumpSummary.Entry[] Inputs)
{
    /// <summary>What all inputs say about channels; null for a single one.</summary>
    public SurveyRecord? Survey { get; init; }

    /// <param name="Input">The input as it was given.</param>
    /// <param name="Folder">Folder of its files; null when there was a fault.</param>
    /// <param name="Tensors">How many were drawn.</param>
    /// <param name="Skipped">How many could not be.</param>
    /// <param name="Scores">When the model card names classes.</param>
    /// <param name="Resumed">The dump is that of an earlier run.</param>
    /// <param name="Fault">Why there is no dump.</param>
    internal sealed record Entry(string Input, string? Folder, int Tensors, int Skipped, ClassScores? Scores, bool Resumed, string? Fault);
}

/// <summary>The result of the dump command as JSON, when it makes a video.</summary>
/// <param name="Video">The file.</param>
/// <param name="Tensor">Name of the tensor whose mosaics it shows.</param>
/// <param name="Frames">How many there are.</param>
internal sealed record VideoSummary(string Video, string Tensor, int Frames);

/// <summary>JSON of the dump command's result, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(DumpSummary))]
[JsonSerializable(typeof(VideoSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext
{
    public static SummaryJson Readable => field ??= new(JsonSettings.Readable(Default.Options));
}

/// <summary>Class scores in words.</summary>
internal static class ScoreLine
{
    // Shares below it are not worth a word, but for the first class.
    private const double Least = 0.001;

    /// <summary>The most likely classes in per cent, and the tensor that says so.</summary>
    public static string Of(ClassScores scores) => scores.Names is null ? scores.ToString()
        : $"{string.Join(", ", scores.Top.Where((score, i) => i == 0 || score.Probability >= Least).Select(Of))} "
        + $"(from '{scores.Tensor}'{(scores.Applied == "nothing" ? "" : $", {scores.Applied} applied")})";

    /// <summary>One class in per cent.</summary>
    public static string Of(ClassScore score) =>
        score.Probability is { } share ? $"{score.Label} {Percent(share)}" : score.ToString();

    // As many digits as tell something: 54 %, 3.2 %, below 0.1 %.
    private static string Percent(double share) => share >= 0.1 ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %")
        : share >= Least ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %")
        : double.IsNaN(share) ? "NaN" : "< 0.1 %";
}

/// <summary>Tells when a dump does not show what the model gives.</summary>
internal static class OutputWarning
{
    // Of an output's largest value: less changes no answer that anybody reads.
    private const double Share = 1e-3;

    /// <summary>A line when outputs differ from the plain model's by more than rounding; none else.</summary>
    public static IEnumerable<string> Of(DumpManifest manifest)
    {
        var tensors = manifest.Tensors.ToDictionary(tensor => tensor.Name);
        OutputDifference[] differing = [.. manifest.ExposureDifference.Where(d => double.IsNaN(d.Largest)
            || d.Largest > Share * Math.Max(1, tensors.TryGetValue(d.Name, out TensorRecord? t) ? Math.Max(-t.Min, t.Max) : 1))];
        if (differing.MaxBy(d => double.IsNaN(d.Largest) ? double.PositiveInfinity : d.Largest) is not { } most)
            yield break;
        yield return $"'{most.Name}' differs by {Numbers.Short(most.Largest)} from what the model gives when no inner tensor is asked for "
            + $"({manifest.Optimization.ToString().ToLowerInvariant()} optimisation rewrites it then); "
            + "--optimization disabled shows the nodes as the file has them";
    }
}
