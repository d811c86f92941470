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
        foreach (string file in set.Unreadable.Take(MostNamed))
            terminal.Note($"left out: {file}");
        if (set.Unreadable.Count > MostNamed)
            terminal.Note($"left out: {set.Unreadable.Count - MostNamed} more that cannot be read");
        return set;
    }
}
