using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The folder of one input while it is filled. A run may come in parts; the files are the same.</summary>
internal sealed class DumpFolder : IDisposable
{
    private const string RawFile = "activations.npz";

    private readonly string _folder;
    private readonly DumpOptions _options;
    private readonly ModelCard _card;
    private readonly TensorWriter _writer;
    private readonly SafeNames _channelFolders = new();
    private readonly List<TensorRecord> _tensors = [];
    private readonly PendingFile? _raw;
    private NpzWriter? _archive;

    /// <exception cref="BadInputException">The folder cannot be written.</exception>
    public DumpFolder(string folder, DumpOptions options, ModelCard card)
    {
        (_folder, _options, _card) = (folder, options, card);
        FinishedDump.Reopen(folder);
        _writer = new TensorWriter(folder, options, card.Labels);
        _raw = options.Raw ? new PendingFile(Path.Combine(folder, RawFile)) : null;
        _raw?.Write(stream => _archive = new NpzWriter(stream));
    }

    public IReadOnlyList<TensorRecord> Tensors => _tensors;

    public ClassScores? Scores { get; private set; }

    public InputRecord? Input { get; private set; }

    /// <summary>Draws the tensors of a run, or of a part of it.</summary>
    /// <param name="part">Of this input alone.</param>
    /// <param name="input">Drawn, too, with the first part.</param>
    /// <param name="indices">Place of each tensor among all of the model.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    public void Add(Activations part, DumpInput input, IReadOnlyDictionary<string, int> indices, Action<string> drawn, CancellationToken cancel)
    {
        string[] channelFolders = [.. part.Select(a => _channelFolders.Unique(a.Name))];
        var records = new TensorRecord[part.Count];
        ParallelWork.For(part.Count + 1, _options.Threads, cancel, i =>
        {
            if (i == 0)
            {
                Input ??= WriteInput(input, part);
                return;
            }

            Activation activation = part[i - 1];
            records[i - 1] = _writer.Write(indices[activation.Name], activation, channelFolders[i - 1]);
            drawn(activation.Name);
        });
        _tensors.AddRange(records);
        Scores ??= ClassScores.Of(part, _card);
        _raw?.Write(_ =>
        {
            foreach (Activation activation in part)
                _archive!.Add(activation.Name, activation.ElementType, activation.Shape, activation.Raw);
        });
    }

    /// <summary>Ends the archive of all numbers; its name, or null when none was asked for.</summary>
    public string? FinishRaw()
    {
        if (_raw is null)
            return null;
        _raw.Write(_ => _archive!.Dispose());
        _archive = null;
        _raw.Commit();
        return RawFile;
    }

    // An archive that is not finished is thrown away as it is.
    public void Dispose() => _raw?.Dispose();

    private InputRecord WriteInput(DumpInput input, Activations seen)
    {
        long[] shape = [.. seen.Inputs[0].Shape.Dims];
        if (input.Picture is null || seen.Preprocessing is null)
            return new InputRecord(input.Path, null, null, shape, null, null);
        using Mat thumbnail = Thumbnail.Of(input.Picture);
        using Mat view = NetworkView.Of(input.Picture, seen.Preprocessing);
        return new InputRecord(input.Path, input.Picture.Width, input.Picture.Height, shape,
            Write("input.png", thumbnail), Write("input-network.png", view));
    }

    private PictureRecord Write(string file, Mat picture)
    {
        PictureFile.Write(Path.Combine(_folder, file), picture);
        return new PictureRecord(file, picture.Width, picture.Height);
    }
}
