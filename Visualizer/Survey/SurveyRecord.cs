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
    // From so many pictures on something can be said about a network, and not only about the pictures.
    private const int EnoughPictures = 20;

    // Of the channels, from which on a few bad ones are a sign.
    private const double ManyDead = 0.1;

    /// <summary>Number of channels that are dead, constant or duplicate only because one in front is; those count there alone.</summary>
    public int Copies { get; init; }

    /// <summary>What to make of it, in a sentence; null when there is nothing to do.</summary>
    public string? Advice =>
        FirstNonFinite is { } first
            ? $"look at '{first.Tensor}' of {Path.GetFileName(first.Input)} first: what is behind NaN or infinity says nothing"
        : Dead + Constant == 0 ? null
        : Pictures < EnoughPictures ? $"{Told} in {Many(Pictures)}: look at more before you prune"
        : Dead + Constant > ManyDead * Channels ? $"{Told} are many: is the preprocessing the training's? "
            + "Else a lower learning rate or a leaky activation keeps them alive"
        : $"{Told} can be pruned: for pictures like these the answers stay the same";

    /// <summary>The survey in one line, and its advice in another.</summary>
    public IEnumerable<string> Lines() => Advice is { } advice ? [ToString(), $"advice: {advice}"] : [ToString()];

    /// <summary>The survey in one line.</summary>
    public override string ToString() =>
        $"survey of {Many(Pictures)}"
        + $"{(Unknown > 0 ? $", without {Unknown} of which nothing is known" : "")}: "
        + $"of {Channels} channels {Dead} dead, {Constant} constant, "
        + $"{Saturated} saturated, {Duplicate} duplicate{(Copies > 0 ? $", and {Copies} behind those" : "")}; "
        + (FirstNonFinite is { } first ? $"NaN or infinity first in '{first.Tensor}' ({PicturesWithNonFinite} pictures)"
            : "no NaN, no infinity");

    private string Told => Dead + Constant == 1 ? "1 dead or constant channel" : $"{Dead + Constant} dead or constant channels";

    private static string Many(int pictures) => $"{pictures} {(pictures == 1 ? "picture" : "pictures")}";

    /// <summary>Indices of a layer's channels by what is wrong with them, where it begins.</summary>
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
