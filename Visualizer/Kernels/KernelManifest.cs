using System.Text.Json.Serialization;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Kernels;

/// <summary>Everything about a folder of kernels: its manifest.json.</summary>
internal sealed record KernelManifest(
    ModelRecord Model, KernelScaling Scale, bool Symmetric, string Colormap, IReadOnlyList<KernelRecord> Kernels)
{
    /// <summary>Path of the report, in the result on stdout; null in the folder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Report { get; init; }

    /// <summary>All files in the folder but this one: what the next run there removes.</summary>
    public string[] Files { get; init; } = [];
}

/// <summary>JSON of kernels, made at compile time. NaN is written as "NaN".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(KernelManifest))]
internal sealed partial class KernelJson : JsonSerializerContext;
