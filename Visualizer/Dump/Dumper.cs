using System.Security.Cryptography;
using System.Text;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>
/// Takes inputs through the stages of a dump. While some are drawn and written, the next one is run, and the pictures of those behind
/// are read:
/// <code>
/// read, bind ──▶ (2 batches) ──▶ run ──▶ (1 run) ──▶ draw, write ──▶ the caller: finish
///   several                      one                   several           one after another
/// </code>
/// How many are several depends on the threads: two at a time on two, one drawn and one written, and eight drawn on sixteen, as far as
/// <see cref="DrawingRoom"/> lets them in. The order is that of the inputs. What cannot be read or run says so in its place.
/// </summary>
internal sealed class Dumper : IDisposable
{
    // What tensors may take where nobody says it, of the memory that the process may have.
    private const int ShareOfMemory = 4;

    private readonly DumpOptions _options;
    private readonly string _fingerprint;
    private readonly InputWalk _walk;
    private readonly DumpWriter _writer;
    private readonly DrawingRoom _room;
    private readonly int _drawnAtOnce;

    /// <param name="modelPath">Path of the model.</param>
    /// <param name="options">Choice of files.</param>
    /// <param name="others">Tensors for inputs of the model beside the main one.</param>
    /// <param name="folder">Folder of all results.</param>
    /// <param name="note">Called with each decision in words, from any thread.</param>
    public Dumper(string modelPath, DumpOptions options, IReadOnlyDictionary<string, TensorData> others, string folder,
        Action<string>? note = null)
    {
        _options = options;
        // A large model takes a while to read, to open as it is, and with its tensors exposed: all of it side by side.
        var hash = Task.Run(() => ModelRecord.HashOf(modelPath));
        var read = OnnxModel.Read(modelPath);
        Session = ActivationSession.Open(read, options.Activation with
        {
            PreparesComparison = true,
            Convention = DetectedInput.ReaderOf(read, options.Activation.Labels)?.Convention,
        });
        options.Tables?.Require(Session.Tensors);
        var model = ModelRecord.Of(Session.Model, hash.GetAwaiter().GetResult());
        // A plan has made sure of all of it.
        _fingerprint = options.First is not null ? options.Fingerprint : string.Join('\n',
            [$"{typeof(Dumper).Assembly.GetName().Version}", model.Sha256, options.Fingerprint,
                .. WeightFiles.Paths(Session.Model).Select(InputItem.IdentityOf)]);
        _walk = new InputWalk(Session) { Batch = options.Batch, Others = others, Fills = options.FillsBatches };
        Runner = new DumpRunner(Session, options, note ?? (_ => { }));
        _writer = new DumpWriter(Session, Runner, model, options, folder);
        _drawnAtOnce = Math.Max(1, options.PicturesAtOnce / Batch);
        _room = new DrawingRoom(_drawnAtOnce, options.Memory ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory,
            () => _writer.NeedsFirst);
    }

    public ActivationSession Session { get; }

    /// <summary>Where finished results lie whose making begins in a folder; there when nothing else is said.</summary>
    public Func<string, string> FinishedAt { get; init; } = folder => folder;

    /// <summary>Hands out the tensors of a run.</summary>
    public DumpRunner Runner { get; }

    /// <summary>Pictures in a run: what was asked for, as far as the model takes so many.</summary>
    public int Batch => _walk.Batch;

    /// <summary>Survey of all channels over all inputs; null when nobody asked.</summary>
    public ChannelSurvey? Survey => _writer.Survey;

    /// <summary>Inputs that were read, bound and run. The caller disposes each.</summary>
    /// <param name="items">The inputs.</param>
    /// <param name="folderOf">Where the results of an input go; asked once for each, in order.</param>
    /// <param name="cancel">Stops between two inputs, and within a run.</param>
    public IEnumerable<RunBatch> Runs(IEnumerable<InputItem> items, Func<InputItem, string> folderOf, CancellationToken cancel) =>
        Batches(Targets(items, folderOf, cancel))
            .Select(Bind).Ahead(InputWalk.ReadAhead, cancel)
            .Select(batch => Runner.Run(batch, cancel)).Ahead(InputWalk.RunAhead, cancel);

    /// <summary>The same, with their tensors drawn and all files written, but for the last step of each folder.</summary>
    /// <param name="items">The inputs.</param>
    /// <param name="folderOf">Where the results of an input go; asked once for each, in order.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors, and within a run.</param>
    public IEnumerable<DrawnBatch> Drawn(
        IEnumerable<InputItem> items, Func<InputItem, string> folderOf, Action<string> drawn, CancellationToken cancel) =>
        _room.LetIn(Runs(items, folderOf, cancel), cancel)
            .MadeSideBySide(2 * _drawnAtOnce, batch => Draw(batch, drawn, cancel), cancel);

    /// <summary>Takes the last step of the folders, after which they count as whole, and tells the survey, in the inputs' order.</summary>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public FinishedBatch Finish(DrawnBatch drawn)
    {
        _writer.Finish(drawn);
        return new FinishedBatch(drawn);
    }

    public void Dispose() => Session.Dispose();

    // Pictures are decoded side by side where several are drawn side by side.
    private IEnumerable<DumpTarget> Targets(
        IEnumerable<InputItem> items, Func<InputItem, string> folderOf, CancellationToken cancel)
    {
        var named = items.Select((item, i) => (Number: (_options.First ?? 0) + i, Item: item, Folder: folderOf(item)));
        int most = _options.PicturesAtOnce / 2;
        return most < 2 ? named.Select(given => Read(given.Number, given.Item, given.Folder))
            : named.MadeSideBySide(most, given => Read(given.Number, given.Item, given.Folder), cancel, given => !given.Item.IsLasting);
    }

    private DrawnBatch Draw(RunBatch batch, Action<string> drawn, CancellationToken cancel)
    {
        DrawnBatch made;
        try
        {
            made = _writer.Draw(batch, drawn, cancel);
        }
        finally
        {
            // The tensors are gone, and what is written from now on are numbers.
            if (batch.HasTensors)
                _room.Leave(batch);
        }

        return _writer.Write(made, cancel);
    }

    private DumpTarget Read(long number, InputItem item, string folder)
    {
        string fingerprint = FingerprintOf(item.Identity), there = FinishedAt(folder);
        FinishedDump? finished = _options.Resume ? FinishedDump.Find(there, fingerprint) : null;
        // What the survey does not know is unknown to all who put its parts together.
        if (_options is { First: not null, Survey: true } && finished is not null && !SurveyedFile.TryRead(there, new SurveyedPicture("")))
            finished = null;
        return finished is not null ? new DumpTarget(number, item, there, fingerprint, finished, null) { Making = folder }
            : new DumpTarget(number, item, folder, fingerprint, null, ReadInput.Of(item));
    }

    // A batch is made of the inputs between two multiples of its size, wherever a run begins or goes on: which pictures a picture
    // runs with may change its last bits.
    private IEnumerable<IReadOnlyList<DumpTarget>> Batches(IEnumerable<DumpTarget> targets)
    {
        if (Batch == 1)
            return _walk.Batches(targets, target => target.Read?.Input);
        return Aligned(targets);
    }

    private IEnumerable<IReadOnlyList<DumpTarget>> Aligned(IEnumerable<DumpTarget> targets)
    {
        var group = new List<DumpTarget>();
        try
        {
            foreach (DumpTarget target in targets)
            {
                group.Add(target);
                if ((target.Number + 1) % Batch == 0)
                    foreach (IReadOnlyList<DumpTarget> batch in Taken())
                        yield return batch;
            }

            foreach (IReadOnlyList<DumpTarget> batch in Taken())
                yield return batch;
        }
        finally
        {
            group.ForEach(target => target.Dispose());
        }

        IEnumerable<IReadOnlyList<DumpTarget>> Taken()
        {
            DumpTarget[] whole = Whole(group);
            group.Clear();
            group.AddRange(whole);
            foreach (IReadOnlyList<DumpTarget> batch in _walk.Batches(whole, target => target.Read?.Input))
            {
                group.RemoveRange(0, batch.Count);
                yield return batch;
            }
        }
    }

    // Of a batch of which a part is done all of it is made again.
    private static DumpTarget[] Whole(List<DumpTarget> group) => group.Exists(target => target.Read?.Input is not null)
        ? [.. group.Select(target => target is { Finished: not null, Item.IsLasting: true }
            ? target with { Folder = target.Making, Finished = null, Read = ReadInput.Of(target.Item) } : target)]
        : [.. group];

    private BoundBatch Bind(IReadOnlyList<DumpTarget> targets) =>
        new(targets, targets[0].Read is null ? null : _walk.Bound([.. targets.Select(t => t.Read!)]));

    private string FingerprintOf(string identity) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_fingerprint}\n{identity}")))[..32];
}
