using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>What one run is made on: a picture, or tensors from a NumPy file.</summary>
internal sealed class DumpInput : IDisposable
{
    private readonly TensorData? _tensor;
    private readonly IReadOnlyDictionary<string, TensorData>? _tensors;

    private DumpInput(string path, Mat? picture, TensorData? tensor, IReadOnlyDictionary<string, TensorData>? tensors) =>
        (Path, Picture, _tensor, _tensors) = (path, picture, tensor, tensors);

    public string Path { get; }

    /// <summary>BGR; null for tensors. Belongs to the input.</summary>
    public Mat? Picture { get; }

    /// <summary>Reads a .npy (for the main input), a .npz (its keys are names of inputs) or a picture.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static DumpInput Read(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" => new DumpInput(path, null, NpyFile.Read(path), null),
        ".npz" => ReadArchive(path),
        _ => new DumpInput(path, PictureFile.Read(path), null, null),
    };

    /// <summary>The caller disposes the result.</summary>
    /// <param name="session">The model.</param>
    /// <param name="others">Tensors for further inputs, beside a picture or a .npy.</param>
    /// <param name="cancel">Stops the run.</param>
    public Activations Run(ActivationSession session, IReadOnlyDictionary<string, TensorData> others, CancellationToken cancel)
    {
        if (Picture is not null)
            return session.Run([Picture], others, cancel);
        var given = new Dictionary<string, TensorData>(_tensors ?? new Dictionary<string, TensorData> { [session.MainInput] = _tensor! });
        foreach ((string name, TensorData tensor) in others)
            given[name] = tensor;
        return session.Run(given, cancel);
    }

    public void Dispose() => Picture?.Dispose();

    // A single array needs no name.
    private static DumpInput ReadArchive(string path)
    {
        using NpzReader archive = NpzReader.Open(path);
        return archive.Keys.Count switch
        {
            0 => throw new BadInputException($"{path}: holds no array"),
            1 => new DumpInput(path, null, archive.Read(archive.Keys[0]), null),
            _ => new DumpInput(path, null, null, archive.Keys.ToDictionary(key => key, archive.Read)),
        };
    }
}
