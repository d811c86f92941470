namespace CnnOnnx.Inputs;

/// <summary>
/// Inputs for a model, one after another: pictures, NumPy files, frames of videos and cameras. Finding them reads folders only;
/// each is opened when it is its turn.
/// </summary>
public sealed record InputList
{
    private readonly IReadOnlyList<InputPath> _paths;

    private InputList(IReadOnlyList<InputPath> paths) => _paths = paths;

    /// <summary>Step between the frames that are taken of a video or camera, from the first on; 1 for all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Every
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1;

    /// <summary>Most frames that are taken of each video or camera; null for all there are.</summary>
    public int? Frames { get; init; }

    /// <summary>True for one picture or NumPy file.</summary>
    public bool IsSingle => _paths is [{ IsVideo: false }];

    /// <summary>The first video or camera; null when all inputs are files of their own.</summary>
    internal string? FirstVideo => _paths.FirstOrDefault(path => path.IsVideo)?.Path;

    /// <summary>
    /// Files of the folders that are not among the inputs, by kind: ".txt", "without an ending", "link to a folder above", "folder of
    /// results" → how many. Hidden files are not counted.
    /// </summary>
    public IReadOnlyDictionary<string, int> LeftOut { get; private init; } = new Dictionary<string, int>();

    /// <summary>
    /// Finds the inputs that texts mean. Going down, it follows no link to a folder above, and reads no folder that a dump wrote.
    /// </summary>
    /// <param name="paths">Files, folders, patterns with * and ?, and camera:N. What is named twice counts once.</param>
    /// <param name="recursive">True to go down into the folders of folders and patterns, too.</param>
    /// <param name="results">Folder that results are written to, which is not searched; null for none.</param>
    /// <exception cref="BadInputException">A folder without pictures, or a pattern that nothing matches.</exception>
    public static InputList Of(IEnumerable<string> paths, bool recursive = false, string? results = null)
    {
        var search = new FolderSearch(recursive, results);
        return new InputList(InputPath.Expand(paths, search, recursive)) { LeftOut = search.LeftOut };
    }

    /// <summary>
    /// Gives the inputs, in the order of the paths, those of a folder by name. A file or video that cannot be read is an item that
    /// cannot be opened. Videos are read on the way: an item of theirs has to be opened before the next is asked for.
    /// </summary>
    /// <param name="remark">Receives a line when a video ends before its end; null when nobody listens.</param>
    public IEnumerable<InputItem> Items(Action<string>? remark = null) =>
        _paths.SelectMany(path => path.IsVideo ? FramesOf(path, remark ?? (_ => { })) : [InputItem.OfFile(path)]);

    /// <summary>Counts the inputs there will be, as far as can be told; 0 for a camera without a limit. Opens videos.</summary>
    public long Count() => _paths.Sum(path => path.IsVideo ? CountOf(path) : 1L);

    /// <summary>Computes the frames a second of the first video, as far as they are taken; 1 when there is no video.</summary>
    /// <exception cref="BadInputException">The video cannot be opened.</exception>
    public double FrameRate() => _paths.FirstOrDefault(i => i.IsVideo) is { } first ? VideoFrames.Rate(first) / Every : 1;

    private long CountOf(InputPath video)
    {
        try
        {
            return VideoFrames.Count(video, Every, Frames);
        }
        catch (BadInputException)
        {
            return 1;
        }
    }

    private IEnumerable<InputItem> FramesOf(InputPath video, Action<string> remark)
    {
        using IEnumerator<InputItem> items = VideoFrames.Of(video, Every, Frames, remark).GetEnumerator();
        while (Next(items, video) is { } item)
            yield return item;
    }

    private static InputItem? Next(IEnumerator<InputItem> items, InputPath video)
    {
        try
        {
            return items.MoveNext() ? items.Current : null;
        }
        catch (BadInputException fault)
        {
            return new InputItem(video.Path, video.Name, "", () => throw fault);
        }
    }
}
