using CnnOnnx.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>ONNX Runtime with nothing around it: the limit for what is built on it.</summary>
internal sealed class RuntimeAlone(
    OnnxModel model, IReadOnlyList<string> tensors, ActivationOptions options, ExecutionDevice device, RunInputs inputs) : IDisposable
{
    private readonly InferenceSession _plain = SessionFactory.Open(model, options, device);
    private readonly InferenceSession _exposed = SessionFactory.OpenCut(model, tensors, options, device);

    /// <summary>A run of the model as it is.</summary>
    public void RunPlain() => Run(_plain);

    /// <summary>A run of the model with the tensors as outputs.</summary>
    public void RunExposed() => Run(_exposed);

    public void Dispose()
    {
        _plain.Dispose();
        _exposed.Dispose();
    }

    private void Run(InferenceSession session)
    {
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs.Values, session.OutputNames);
    }
}
