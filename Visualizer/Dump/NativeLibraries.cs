using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>
/// ONNX Runtime and OpenCV, which take long to load, brought in while the model is read. Dispose waits for them: a process must
/// not end while a library is set up.
/// </summary>
internal sealed class NativeLibraries : IDisposable
{
    private readonly Task[] _loading = [Task.Run(() => OrtEnv.Instance()), Task.Run(() => Cv2.GetTickCount())];

    // Whoever needs a library that cannot be loaded says so.
    public void Dispose() => Task.WhenAll(_loading).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
}
