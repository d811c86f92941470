namespace CnnOnnx.Inference;

public enum DeviceKind
{
    /// <summary>CUDA where it works, else the CPU.</summary>
    Auto,
    Cpu,
    Cuda,
}
