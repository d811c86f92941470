using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>A part of ONNX Runtime that computes on some kind of device.</summary>
/// <param name="Name">In words.</param>
/// <param name="Kind">The device that it is for.</param>
/// <param name="RuntimeName">As the runtime calls it.</param>
/// <param name="Package">That brings it.</param>
/// <param name="Libraries">That it needs beside the package.</param>
/// <param name="Absent">Why it is not even worth a try; null when it is.</param>
/// <param name="AppendTo">Adds it, for the device of this index, to a session's options.</param>
internal sealed record ExecutionProvider(
    string Name,
    DeviceKind Kind,
    string RuntimeName,
    string Package,
    IReadOnlyList<GpuLibrary> Libraries,
    Func<string?> Absent,
    Action<SessionOptions, int> AppendTo)
{
    public string DeviceName(int index) => Kind == DeviceKind.Cpu ? Name : $"{Name} {index}";

    public override string ToString() => Name;
}
