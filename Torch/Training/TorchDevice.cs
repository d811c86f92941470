using CnnOnnx.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Chooses the device of TorchSharp that was asked for.</summary>
internal static class TorchDevice
{
    /// <exception cref="DeviceException">CUDA is asked for and is not there; says what is missing.</exception>
    public static Device Choose(ComputeDevice wanted)
    {
        if (wanted.Kind == DeviceKind.Cpu)
            return CPU;
        if (wanted.Kind is not (DeviceKind.Cuda or DeviceKind.Auto))
            throw new DeviceException(wanted.ToString(), "TorchSharp has no such device, expected auto, cpu or cuda:N");
        int found = CudaDevices();
        if (wanted.Index < found)
            return new Device(DeviceType.CUDA, wanted.Index);
        if (wanted.Kind == DeviceKind.Auto)
            return CPU;
        throw new DeviceException(wanted.ToString(), found == 0
            ? "TorchSharp finds no CUDA; it needs an NVIDIA driver and a build with -p:Accelerator=cuda"
            : $"there are {found} CUDA devices, expected an index below that");
    }

    private static int CudaDevices()
    {
        try
        {
            return cuda.is_available() ? cuda.device_count() : 0;
        }
        // without the CUDA package there is no native library to ask
        catch (Exception fault) when (fault is DllNotFoundException or NotSupportedException or FileNotFoundException)
        {
            return 0;
        }
    }
}
