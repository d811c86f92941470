using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Inputs;

/// <summary>Input of a model as a user gives it: a picture, or tensors from a NumPy file. Owns the picture.</summary>
public sealed class ModelInput : IDisposable
{
    private ModelInput(string path, Mat? picture, TensorData? tensor, IReadOnlyDictionary<string, TensorData>? tensors)
    {
        Path = path;
        Picture = picture;
        Tensor = tensor;
        Tensors = tensors;
    }

    /// <summary>Source of the input, for people.</summary>
    public string Path { get; }

    /// <summary>The picture, BGR or gray as OpenCV reads it; null for tensors. Disposed with the input.</summary>
    public Mat? Picture { get; }

    /// <summary>The one tensor of a .npy, or of a .npz with one array, for the model's main input; null for anything else.</summary>
    public TensorData? Tensor { get; }

    /// <summary>Tensors by the name of the model's input, from a .npz with several arrays; null for anything else.</summary>
    public IReadOnlyDictionary<string, TensorData>? Tensors { get; }

    /// <summary>Reads a .npy (for the main input), a .npz (its keys are names of inputs) or a picture.</summary>
    /// <param name="path">A file; one that is not called .npy or .npz is read as a picture.</param>
    /// <exception cref="BadInputException">It cannot be read; one that is known to be something else is named as that.</exception>
    public static ModelInput Read(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" => new ModelInput(path, null, NpyFile.Read(path), null),
        ".npz" => ReadArchive(path),
        _ => new ModelInput(path, ReadPicture(path), null, null),
    };

    /// <summary>Takes a copy of a picture that is in memory.</summary>
    /// <param name="name">Source of the picture, for messages.</param>
    /// <param name="picture">BGR or gray, 8 or 16 bits or floating point; stays the caller's.</param>
    public static ModelInput OfPicture(string name, Mat picture) => new(name, picture.Clone(), null, null);

    /// <summary>Decodes the frame that a video was moved to.</summary>
    /// <param name="path">Video and number of the frame, for messages.</param>
    /// <param name="video">Video whose frame was grabbed.</param>
    /// <exception cref="BadInputException">It cannot be decoded.</exception>
    internal static ModelInput OfFrame(string path, VideoCapture video) => new(path, Retrieve(path, video), null, null);

    /// <summary>Frees the picture.</summary>
    public void Dispose() => Picture?.Dispose();

    private static Mat Retrieve(string path, VideoCapture video)
    {
        var frame = new Mat();
        if (video.Retrieve(frame) && !frame.Empty())
            return frame;
        frame.Dispose();
        throw new BadInputException($"{path}: the frame cannot be decoded");
    }

    // Whatever a file is called: a model, a checkpoint or an archive in place of a picture is told as what it is.
    private static Mat ReadPicture(string path)
    {
        try
        {
            return PictureFile.Read(path);
        }
        catch (BadInputException fault) when (!PictureFile.BeginsLikeOne(path) && ForeignFile.NameInput(path) is { } what)
        {
            throw new BadInputException($"{path}: {what}, expected a picture or a NumPy file"
                + (what == ForeignFile.Model ? "; the model comes first, and the inputs after it" : ""), fault);
        }
    }

    // A single array needs no name.
    private static ModelInput ReadArchive(string path)
    {
        using NpzReader archive = NpzReader.Open(path);
        return archive.Keys.Count switch
        {
            0 => throw new BadInputException($"{path}: holds no array"),
            1 => new ModelInput(path, null, archive.Read(archive.Keys[0]), null),
            _ => new ModelInput(path, null, null, archive.Keys.ToDictionary(key => key, archive.Read)),
        };
    }
}
