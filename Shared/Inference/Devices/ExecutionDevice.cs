using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>The device that a probe decided on, and how a session is told to use it.</summary>
/// <param name="Name">CPU, or CUDA with its index.</param>
/// <param name="Remark">Why it is not the device that one might expect; null when there is nothing to say.</param>
/// <param name="AppendTo">Adds the provider to a session's options.</param>
internal sealed record ExecutionDevice(string Name, string? Remark, Action<SessionOptions> AppendTo)
{
    public static ExecutionDevice Cpu(string? remark = null) => new("CPU", remark, _ => { });
}
