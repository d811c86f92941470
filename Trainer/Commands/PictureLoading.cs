using CnnOnnx.Cli;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Decodes a part of a data set with a bar, and tells what could not be read.</summary>
internal static class PictureLoading
{
    private const int MostNamed = 5;

    // Below this a bar would only flicker.
    private const int LeastForBar = 2000;

    /// <summary>Looks at a data set, and tells what of it is left out.</summary>
    /// <exception cref="BadInputException">No such folder, nothing to learn from in it, fewer than two classes.</exception>
    public static PictureFolder Open(string path, Terminal terminal)
    {
        var folder = PictureFolder.Open(path);
        foreach (string remark in folder.Remarks)
            terminal.Note(remark);
        return folder;
    }

    /// <summary>Decodes a part. The caller disposes the source.</summary>
    public static BatchSource Load(DataPart part, InputSpec spec, Terminal terminal, CancellationToken cancel)
    {
        BatchSource set;
        using (Progress? bar = part.Count < LeastForBar ? null : terminal.Start($"reading {part.Name}", part.Count, "pictures"))
            set = part.Load(spec, bar is null ? null : count => bar.Advance(count), cancel);
        TellLeftOut(terminal, set);
        return set;
    }

    /// <summary>Tells which files cannot be read; of a stream, those that it has met.</summary>
    /// <param name="terminal">Gets a note for each of the first files, and one for the rest.</param>
    /// <param name="sets">Pictures that were read; null for none.</param>
    public static void TellLeftOut(Terminal terminal, params IEnumerable<BatchSource?> sets)
    {
        string[] files = [.. sets.SelectMany(set => set?.Unreadable ?? [])];
        foreach (string file in files.Take(MostNamed))
            terminal.Note($"left out: {file}");
        if (files.Length > MostNamed)
            terminal.Note($"left out: {files.Length - MostNamed} more that cannot be read");
    }
}
