using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Bench;

/// <summary>JSON of benchmarks, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchResult))]
internal sealed partial class BenchJson : JsonSerializerContext;
