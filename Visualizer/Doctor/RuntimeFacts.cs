using CnnOnnx.Inference;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Visualizer.Doctor;

/// <summary>ONNX Runtime: what it was built with, what hardware it sees, and what really runs.</summary>
internal static class RuntimeFacts
{
    public static IEnumerable<DoctorFact> Runtime()
    {
        OrtEnv runtime = OrtEnv.Instance();
        yield return new DoctorFact("ONNX Runtime", runtime.GetVersionString());
        yield return new DoctorFact("providers built in", string.Join(", ", runtime.GetAvailableProviders()));
        foreach (OrtHardwareDevice device in runtime.GetHardwareDevices())
            yield return new DoctorFact($"{device.Type}",
                $"{Maker(device)} (vendor 0x{device.VendorId:x4}, device 0x{device.DeviceId:x4})");
        foreach (OrtEpDevice device in runtime.GetEpDevices())
            yield return new DoctorFact(device.EpName, $"by {device.EpVendor}, for the {device.HardwareDevice.Type}");
    }

    // The runtime leaves the name out where the system does not tell it.
    private static string Maker(OrtHardwareDevice device) =>
        device.Vendor is { Length: > 0 } name ? name : device.VendorId == DeviceProbe.NvidiaVendorId ? "NVIDIA" : "unnamed";

    /// <summary>A small network on every provider.</summary>
    public static IEnumerable<DoctorFact> Probes() => ExecutionProviders.All
        .Select(provider => (provider, problem: DeviceProbe.Problem(provider, 0)))
        .Select(p => DoctorFact.Of(p.provider.Name, p.problem is null, p.problem ?? "a small network ran on it"));
}
