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

    /// <summary>A run of the model as it is.</summary>
    public void RunPlain() => Run(_plain, _plain.OutputNames);

    /// <summary>A run of the model with the tensors as outputs.</summary>
    public void RunExposed() => Run(exposed, tensors);

    public void Dispose() => _plain.Dispose();

    private void Run(InferenceSession session, IReadOnlyCollection<string> names)
    {
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs.Values, names);
    }
}
