using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Kernels;

/// <summary>JSON of kernels, made at compile time. NaN is written as "NaN".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(KernelManifest))]
internal sealed partial class KernelJson : JsonSerializerContext;
