using System.Text.Json.Serialization;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Kernels;

/// <summary>Everything about a folder of kernels: its manifest.json.</summary>
internal sealed record KernelManifest(
    ModelRecord Model, KernelScaling Scale, bool Symmetric, string Colormap, IReadOnlyList<KernelRecord> Kernels);

/// <summary>JSON of kernels, made at compile time. NaN is written as "NaN".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(KernelManifest))]
internal sealed partial class KernelJson : JsonSerializerContext;
