using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>The result of a survey: survey.json.</summary>
/// <param name="Pictures">Number of pictures that were looked at.</param>
/// <param name="Unknown">Number of pictures that were not: their dump was there already, without what a survey needs.</param>
/// <param name="Channels">Number of channels of all layers.</param>
/// <param name="Dead">Number of channels that are 0 everywhere.</param>
/// <param name="Constant">Number of channels that have one value everywhere, and not 0.</param>
/// <param name="Saturated">Number of channels that are almost always at a bound of their operation.</param>
/// <param name="Duplicate">Number of channels that do the same as an earlier one of their layer.</param>
/// <param name="FirstNonFinite">The earliest tensor of all pictures with NaN or infinite values; null when there is none.</param>
/// <param name="PicturesWithNonFinite">How many pictures made such values.</param>
/// <param name="NonFinite">The first tensor for each such picture, of the first so many pictures.</param>
/// <param name="Layers">Those with something to say, in the order of the graph.</param>
internal sealed record SurveyRecord(int Pictures, int Unknown, int Channels, int Dead, int Constant, int Saturated, int Duplicate,
    NonFiniteRecord? FirstNonFinite, int PicturesWithNonFinite, NonFiniteRecord[] NonFinite, SurveyRecord.Layer[] Layers)
{
    /// <summary>The survey in one line.</summary>
    public override string ToString() =>
        $"survey of {Pictures} {(Pictures == 1 ? "picture" : "pictures")}"
        + $"{(Unknown > 0 ? $", without {Unknown} of which nothing is known" : "")}: "
        + $"of {Channels} channels {Dead} dead, {Constant} constant, "
        + $"{Saturated} saturated, {Duplicate} duplicate; "
        + (FirstNonFinite is { } first ? $"NaN or infinity first in '{first.Tensor}' ({PicturesWithNonFinite} pictures)"
            : "no NaN, no infinity");

    /// <summary>Indices of a layer's channels by what is wrong with them.</summary>
    internal sealed record Layer(int Index, string Name, string Op, int Channels, int[] Dead, int[] Constant, int[] Saturated,
        int[] Duplicate, int[] NonFinite);
}

/// <summary>Where NaN or infinite values first appear in a run, in the order of the graph.</summary>
internal sealed record NonFiniteRecord(string Input, int Index, string Tensor, long Nan, long Inf);

/// <summary>JSON of survey.json, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true,
    Converters = [typeof(CompactArray<int>)])]
[JsonSerializable(typeof(SurveyRecord))]
internal sealed partial class SurveyJson : JsonSerializerContext
{
    public static SurveyJson Readable => field ??= new(JsonSettings.Readable(Default.Options));
}
