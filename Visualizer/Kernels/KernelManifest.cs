using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Kernels;

/// <summary>Everything about a folder of kernels: its manifest.json.</summary>
internal sealed record KernelManifest(
    ModelRecord Model, KernelScaling Scale, bool Symmetric, string Colormap, IReadOnlyList<KernelRecord> Kernels);
