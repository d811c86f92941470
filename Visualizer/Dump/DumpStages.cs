using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Survey;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The first stage of a dump, read: an input and where its results go.</summary>
/// <param name="Number">Number of the input among all, from 0.</param>
/// <param name="Item">The input's name and place.</param>
/// <param name="Folder">Folder of the results.</param>
/// <param name="Fingerprint">Hash of the input and of everything that decides what its results are.</param>
/// <param name="Finished">Dump of an earlier run, which made everything that this one would make; null when there is none.</param>
/// <param name="Read">The input that was read; null when it does not have to be.</param>
internal sealed record DumpTarget(
    long Number, InputItem Item, string Folder, string Fingerprint, FinishedDump? Finished, ReadInput? Read) : IDisposable
{
    /// <summary>Folder in which the results are made when they have to be made again.</summary>
    public string Making { get; init; } = Folder;

    public void Dispose() => Read?.Dispose();
}

/// <summary>The second stage, bind: inputs of one run. Owns them.</summary>
/// <param name="Targets">Inputs, in the order of the samples.</param>
/// <param name="Bound">Values for the model; null when the inputs were done by an earlier run.</param>
internal sealed record BoundBatch(IReadOnlyList<DumpTarget> Targets, BoundInputs? Bound) : IDisposable
{
    /// <summary>Values for the model; null when there is nothing to run on.</summary>
    public RunInputs? Values => Bound?.Values;

    public void Dispose() => Bound?.Dispose();
}

/// <summary>The third stage, run: what the model made, or how it will be made in parts. Owns the stage before it.</summary>
/// <param name="Before">The stage before it.</param>
/// <param name="Fault">Reason why there is no dump of any of the targets; null when there is one.</param>
internal sealed record RunBatch(BoundBatch Before, string? Fault) : IDisposable
{
    /// <summary>All tensors; null after a fault, and when they are made in parts.</summary>
    public Activations? Seen { get; init; }

    /// <summary>Names of the tensors that are made together, when all do not fit into memory: the next stage runs each.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Parts { get; init; } = [];

    /// <summary>Time and bytes by tensor; null when nobody asked.</summary>
    public IReadOnlyDictionary<string, TensorCost>? Costs { get; init; }

    /// <summary>Time of the run of all tensors.</summary>
    public double Milliseconds { get; init; }

    /// <summary>Bytes of all tensors; 0 when they are made in parts.</summary>
    public long Bytes { get; init; }

    /// <summary>True when there are tensors, or will be.</summary>
    public bool HasTensors => Seen is not null || Parts.Count > 0;

    public IReadOnlyList<DumpTarget> Targets => Before.Targets;

    public void Dispose()
    {
        Seen?.Dispose();
        Before.Dispose();
    }
}

/// <summary>
/// The fourth stage, draw: everything is in files, and the folders lack only that their manifests get into their place. Owns the stage
/// before it.
/// </summary>
/// <param name="Before">The stage before it.</param>
/// <param name="Folders">Folders, one a target; none when there was nothing to draw.</param>
/// <param name="Milliseconds">Time of all runs.</param>
/// <param name="Fault">Reason why there is no dump of any of the targets; null when there is one.</param>
internal sealed record DrawnBatch(RunBatch Before, IReadOnlyList<DumpFolder> Folders, double Milliseconds, string? Fault) : IDisposable
{
    /// <summary>What was seen in the targets where they get no folders; none where they do.</summary>
    public IReadOnlyList<SeenInput> Seen { get; init; } = [];

    /// <summary>Manifests, one a folder.</summary>
    public IReadOnlyList<DumpManifest> Manifests { get; init; } = [];

    public IReadOnlyList<DumpTarget> Targets => Before.Targets;

    public void Dispose()
    {
        foreach (DumpFolder folder in Folders)
            folder.Dispose();
        Before.Dispose();
    }
}

/// <summary>The last stage, finish: the folders are whole, and the survey knows of them.</summary>
/// <param name="Before">The stage before it, which stays with whoever has it.</param>
internal sealed record FinishedBatch(DrawnBatch Before)
{
    /// <summary>Manifests, one a target; none after a fault.</summary>
    public IReadOnlyList<DumpManifest> Manifests => Before.Manifests;

    /// <summary>The inputs, with the folders in which their results are.</summary>
    public IReadOnlyList<DumpTarget> Targets { get; init; } = Before.Targets;

    /// <summary>The whole dump of a target, made by this run or an earlier one; null after a fault.</summary>
    public FinishedDump? DumpOf(int target) => Targets[target].Finished
        ?? (target < Manifests.Count ? FinishedDump.Of(Manifests[target])
            : target < Before.Seen.Count ? FinishedDump.OfNoFolder(Targets[target].Item.Path, Before.Seen[target].Scores) : null);

    /// <summary>What the tables have of a target, whichever run made it; null after a fault.</summary>
    /// <param name="target">Index of the target.</param>
    /// <param name="options">What is wanted.</param>
    /// <exception cref="BadInputException">The manifest of an earlier run cannot be read.</exception>
    public PictureRows? RowsOf(int target, TableOptions options)
    {
        (DumpTarget of, string picture) = (Targets[target], Targets[target].Item.Label);
        if (of.Finished is not null)
            return ManifestRows.Read(of.Folder, of.Number, picture, options);
        if (target < Manifests.Count)
            return PictureRows.Of(of.Number, picture, Manifests[target].Scores,
                Manifests[target].Tensors.Select(tensor => TensorRow.Of(tensor, options)));
        return target < Before.Seen.Count
            ? PictureRows.Of(of.Number, picture, Before.Seen[target].Scores, Before.Seen[target].Rows) : null;
    }
}

/// <summary>What was seen in an input that gets no folder.</summary>
/// <param name="Picture">Measurements for the survey.</param>
/// <param name="Scores">Its class scores; null where no output is a row of numbers.</param>
internal sealed record SeenInput(SurveyedPicture Picture, ClassScores? Scores)
{
    /// <summary>Rows of its tensors for the tables; none when nobody asked.</summary>
    public IReadOnlyList<TensorRow> Rows { get; init; } = [];
}
