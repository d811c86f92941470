using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Inference;

/// <summary>How far ONNX Runtime may rewrite a graph before it runs. A tensor that is wanted is never rewritten away.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<OptimizationLevel>))]
public enum OptimizationLevel
{
    /// <summary>Nothing: the nodes as the file has them.</summary>
    Disabled,

    /// <summary>Constants folded, nodes without effect dropped.</summary>
    Basic,

    /// <summary>Also fused nodes.</summary>
    Extended,

    /// <summary>Also other memory layouts; every wanted tensor is then copied once more.</summary>
    All,
}
