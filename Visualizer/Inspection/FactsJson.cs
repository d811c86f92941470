using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>JSON of inspect, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelFacts))]
internal sealed partial class FactsJson : JsonSerializerContext;
