using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Rendering;

/// <summary>Which weights share a range when kernels are drawn.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<KernelScaling>))]
public enum KernelScaling
{
    /// <summary>Those that make one output channel.</summary>
    Kernel,

    /// <summary>All of the layer.</summary>
    Layer,
}
