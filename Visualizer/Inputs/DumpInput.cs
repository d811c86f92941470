using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Inputs;

/// <summary>What one run is made on: a picture, or tensors from a NumPy file.</summary>
internal sealed class DumpInput : IDisposable
{
    private readonly TensorData? _tensor;
    private readonly IReadOnlyDictionary<string, TensorData>? _tensors;

    private DumpInput(string path, Mat? picture, TensorData? tensor, IReadOnlyDictionary<string, TensorData>? tensors)
    {
        Path = path;
        Picture = picture;
        _tensor = tensor;
        _tensors = tensors;
    }

    public string Path { get; }

    /// <summary>BGR; null for tensors. Belongs to the input.</summary>
    public Mat? Picture { get; }

    /// <summary>The frame that a video was moved to.</summary>
    /// <exception cref="BadInputException">It cannot be decoded.</exception>
    public static DumpInput OfFrame(string path, VideoCapture video) => new(path, Retrieve(path, video), null, null);

    /// <summary>A picture that is in memory; it stays the caller's.</summary>
    public static DumpInput OfPicture(string name, Mat picture) => new(name, picture.Clone(), null, null);

    /// <summary>Reads a .npy (for the main input), a .npz (its keys are names of inputs) or a picture.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static DumpInput Read(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" => new DumpInput(path, null, NpyFile.Read(path), null),
        ".npz" => ReadArchive(path),
        _ => new DumpInput(path, PictureFile.Read(path), null, null),
    };

    /// <summary>What a run on a batch of pictures, or on the tensors of one input, is given. The caller disposes it.</summary>
    /// <param name="batch">More than one only when all are pictures.</param>
    /// <param name="session">The model.</param>
    /// <param name="others">Tensors for further inputs, beside a picture or a .npy.</param>
    public static RunInputs Bind(IReadOnlyList<DumpInput> batch, ActivationSession session, IReadOnlyDictionary<string, TensorData> others)
    {
        if (batch[0].Picture is not null)
            return session.Bind([.. batch.Select(input => input.Picture!)], others);
        var given = new Dictionary<string, TensorData>(
            batch[0]._tensors ?? new Dictionary<string, TensorData> { [session.MainInput] = batch[0]._tensor! });
        foreach ((string name, TensorData tensor) in others)
            given[name] = tensor;
        return session.Bind(given);
    }

    public void Dispose() => Picture?.Dispose();

    private static Mat Retrieve(string path, VideoCapture video)
    {
        var frame = new Mat();
        if (video.Retrieve(frame) && !frame.Empty())
            return frame;
        frame.Dispose();
        throw new BadInputException($"{path}: the frame cannot be decoded");
    }

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
