using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>JSON of plans and shards, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ShardPlan))]
[JsonSerializable(typeof(ShardMarker))]
[JsonSerializable(typeof(ShardedPicture))]
[JsonSerializable(typeof(PlanProgress))]
[JsonSerializable(typeof(MergeSummary))]
internal sealed partial class ShardJson : JsonSerializerContext
{
    /// <summary>JSON for people: a line for each property.</summary>
    public static ShardJson Readable => field ??= new(JsonSettings.Readable(Default.Options));

    /// <summary>JSON of one line.</summary>
    public static ShardJson Line => field ??=
        new(new JsonSerializerOptions(JsonSettings.Readable(Default.Options)) { WriteIndented = false });
}
