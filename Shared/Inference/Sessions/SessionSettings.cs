using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Inference;

/// <summary>How ONNX Runtime runs a model.</summary>
/// <param name="Device">Where.</param>
internal sealed record SessionSettings(ExecutionDevice Device)
{
    /// <summary>Settings for facts about a model: on the CPU, nothing rewritten, so every node and tensor is there.</summary>
    public static SessionSettings AsWritten { get; } = new(ExecutionDevice.Cpu()) { Optimization = OptimizationLevel.Disabled };

    public OptimizationLevel Optimization { get; init; } = OptimizationLevel.Extended;

    /// <summary>CPU threads; null for all that the process may use.</summary>
    public int? Threads { get; init; }

    /// <summary>The runtime's threads sleep when they have nothing to do, and do not keep a core busy with waiting.</summary>
    public bool SharesProcessor { get; init; }
}

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
