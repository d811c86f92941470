using CnnOnnx.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// A session of a model as it is, opened beside other work: the runtime reads and prepares weights on one thread, which takes
/// seconds where there are many of them.
/// </summary>
internal sealed class ReferenceSession : IDisposable
{
    private readonly Task<InferenceSession> _opening;

    public ReferenceSession(OnnxModel model, SessionSettings settings) =>
        (Model, _opening) = (model, Task.Run(() => SessionFactory.Open(model, settings)));

    public OnnxModel Model { get; }

    /// <summary>Waits until it is open.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime does not take the model.</exception>
    public InferenceSession Session => _opening.GetAwaiter().GetResult();

    public void Dispose()
    {
        // What could not be opened needs no closing, and whoever asked for the session was told.
        Task.WhenAny(_opening).Wait();
        if (_opening.IsCompletedSuccessfully)
            _opening.Result.Dispose();
    }
}
