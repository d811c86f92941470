using CnnOnnx.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>ONNX Runtime with nothing around it: the limit for what is built on it.</summary>
/// <param name="model">Model that the plain session is opened on.</param>
/// <param name="settings">How to run.</param>
/// <param name="exposed">
/// Has the tensors as outputs. The one that is compared with this runs on it, too: another session would have threads of its own,
/// which wait for work by keeping a core busy.
/// </param>
/// <param name="tensors">Names of the outputs.</param>
/// <param name="inputs">Inputs of the runs.</param>
internal sealed class BaselineRun(
    OnnxModel model, SessionSettings settings, InferenceSession exposed, string[] tensors, RunInputs inputs) : IDisposable
{
    private readonly InferenceSession _plain = SessionFactory.Open(model, settings);

    private bool? _staysOnDevice;

    /// <summary>True when there is memory of a device that results can be left in, after a trial.</summary>
    public bool StaysOnDevice => _staysOnDevice ??= settings.Device.OwnMemory is not null && TryOnDevice();

    /// <summary>True when there is such a device.</summary>
    public bool HasDevice => settings.Device.OwnMemory is not null;

    /// <summary>True when the runtime refused to put the tensors into the memory that the device copies to fastest.</summary>
    public bool IsRefused => DeviceRun.IsRefused(exposed);

    /// <summary>A run of the model as it is.</summary>
    public void RunPlain() => Run(_plain, _plain.OutputNames);

    /// <summary>A run of the model with the tensors as outputs.</summary>
    public void RunExposed() => Run(exposed, tensors);

    /// <summary>The same with the tensors left in the device's memory: what is computed, without what is copied.</summary>
    public void RunOnDevice()
    {
        using OrtMemoryInfo memory = settings.Device.OwnMemory!();
        using RunOptions run = Quiet();
        using IDisposableReadOnlyCollection<OrtValue> results = DeviceRun.Into(memory, exposed, run, inputs.Values, tensors);
    }

    public void Dispose() => _plain.Dispose();

    private bool TryOnDevice()
    {
        try
        {
            RunOnDevice();
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    private void Run(InferenceSession session, IReadOnlyCollection<string> names)
    {
        using RunOptions run = Quiet();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs.Values, names);
    }

    private static RunOptions Quiet() => new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
}
