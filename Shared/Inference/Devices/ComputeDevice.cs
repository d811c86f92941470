using System.Globalization;

namespace CnnOnnx.Inference;

/// <summary>A device that a network is asked to run on.</summary>
/// <param name="Kind">Which kind of device.</param>
/// <param name="Index">Which of several GPUs.</param>
public readonly record struct ComputeDevice(DeviceKind Kind, int Index = 0)
{
    private const string RoundedWord = "tf32";

    /// <summary>
    /// True to let CUDA round the factors of products to TF32, which has 10 bits behind the point where float32 has 23: faster, and about
    /// 1e-3 away from what the CPU computes.
    /// </summary>
    public bool UsesTf32 { get; init; }

    /// <summary>CUDA where it works, else the CPU.</summary>
    public static ComputeDevice Auto { get; } = new(DeviceKind.Auto);

    /// <summary>The CPU, whatever else is there.</summary>
    public static ComputeDevice Cpu { get; } = new(DeviceKind.Cpu);

    /// <summary>
    /// Reads auto, cpu, cuda, tensorrt or directml; the last three also with an index, such as cuda:1, and cuda with tf32 behind it, such
    /// as cuda:tf32 or cuda:1:tf32.
    /// </summary>
    /// <param name="text">Name of the device, without regard to case.</param>
    /// <exception cref="DeviceException">It is none of these.</exception>
    public static ComputeDevice Parse(string text)
    {
        string[] parts = text.Split(':');
        bool isRounded = parts is [_, .., var last] && last.Equals(RoundedWord, StringComparison.OrdinalIgnoreCase);
        if (isRounded)
            parts = parts[..^1];
        bool known = Enum.TryParse(parts[0], ignoreCase: true, out DeviceKind kind) && !char.IsAsciiDigit(parts[0].FirstOrDefault());
        int index = 0;
        bool hasIndex = parts.Length == 2 && kind is not (DeviceKind.Auto or DeviceKind.Cpu)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index);
        return known && (parts.Length == 1 || hasIndex) && (!isRounded || kind == DeviceKind.Cuda)
            ? new ComputeDevice(kind, index) { UsesTf32 = isRounded }
            : throw new DeviceException(text, "is not known, expected auto, cpu, cuda, cuda:N, cuda:tf32, tensorrt or directml");
    }

    /// <summary>The device as it is parsed, such as cuda:1 or cuda:0:tf32.</summary>
    public override string ToString()
    {
        string name = Kind.ToString().ToLowerInvariant();
        return Kind is DeviceKind.Auto or DeviceKind.Cpu ? name
            : string.Create(CultureInfo.InvariantCulture, $"{name}:{Index}{(UsesTf32 ? $":{RoundedWord}" : "")}");
    }
}

/// <summary>Kinds of devices that a network may be asked to run on.</summary>
public enum DeviceKind
{
    /// <summary>CUDA where it works, else the CPU.</summary>
    Auto,
    /// <summary>The CPU, whatever else is there.</summary>
    Cpu,
    /// <summary>An NVIDIA GPU through CUDA.</summary>
    Cuda,

    /// <summary>NVIDIA's TensorRT, and CUDA for what it does not take.</summary>
    TensorRt,

    /// <summary>Any GPU under Windows.</summary>
    DirectMl,
}
