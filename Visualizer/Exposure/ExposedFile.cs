using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Exposure;

/// <summary>A model that was written with more outputs.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Outputs">How many outputs it has.</param>
/// <param name="Added">How many of them the original did not have.</param>
/// <param name="Remarks">What was left out or copied, in words.</param>
internal sealed record ExposedFile(string File, int Outputs, int Added, string[] Remarks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ExposedFile))]
internal sealed partial class ExposedFileJson : JsonSerializerContext;
