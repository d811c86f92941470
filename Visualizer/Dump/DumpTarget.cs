using CnnOnnx.Visualizer.Inputs;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>An input and where its results go.</summary>
/// <param name="Path">Of the input, for people.</param>
/// <param name="Folder">Of the results.</param>
/// <param name="Fingerprint">Of the input and of everything that decides what its results are.</param>
internal sealed record DumpTarget(string Path, string Folder, string Fingerprint)
{
    /// <summary>Null when it could not be read, or does not have to be.</summary>
    public DumpInput? Input { get; init; }

    /// <summary>Why it could not be read.</summary>
    public string? Fault { get; init; }

    /// <summary>Of an earlier run, which made everything that this one would make.</summary>
    public FinishedDump? Finished { get; init; }
}
