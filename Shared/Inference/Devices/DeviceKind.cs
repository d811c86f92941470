namespace CnnOnnx.Inference;

public enum DeviceKind
{
    /// <summary>CUDA where it works, else the CPU.</summary>
    Auto,
    Cpu,
    Cuda,

    /// <summary>NVIDIA's TensorRT, and CUDA for what it does not take.</summary>
    TensorRt,

    /// <summary>Any GPU under Windows.</summary>
    DirectMl,
}
