using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>One thread for libtorch until it is disposed: toy batches are so small that a second thread only waits.</summary>
internal sealed class OneThread : IDisposable
{
    private readonly int _before = get_num_threads();

    public OneThread() => set_num_threads(1);

    public void Dispose() => set_num_threads(_before);
}
