namespace CnnOnnx.Visualizer.Inputs;

/// <summary>The inputs of a command line one after another, frames of videos among them.</summary>
internal sealed class InputReader(VideoFrames frames)
{
    /// <summary>A video that cannot be read is an item that cannot be opened.</summary>
    /// <param name="paths">Of the command line.</param>
    /// <param name="remark">Is told when a video ends before its end.</param>
    public IEnumerable<InputItem> Items(IEnumerable<InputPath> paths, Action<string> remark) =>
        paths.SelectMany(path => path.IsVideo ? FramesOf(path, remark) : [InputItem.OfFile(path)]);

    /// <summary>How many they will be, as far as can be told; 0 for a camera that has no limit.</summary>
    public long Count(IEnumerable<InputPath> paths) => paths.Sum(path => path.IsVideo ? CountOf(path) : 1L);

    private int CountOf(InputPath video)
    {
        try
        {
            return frames.Count(video);
        }
        catch (BadInputException)
        {
            return 1;
        }
    }

    private IEnumerable<InputItem> FramesOf(InputPath video, Action<string> remark)
    {
        using IEnumerator<InputItem> items = frames.Of(video, remark).GetEnumerator();
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
