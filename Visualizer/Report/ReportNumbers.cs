using System.Globalization;
using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// The numbers of the tensors' channels for the report's script, which sorts by them: in the page while there is room, the rest
/// as small scripts beside it, which are loaded when they are asked for.
/// <code>
/// min 0                 every channel has it
/// max 64 mpmZPs3MTD…    as many floats, little-endian, base64
/// </code>
/// </summary>
/// <param name="folder">Folder of the report.</param>
internal sealed class ReportNumbers(string folder)
{
    private const string Subfolder = "numbers";

    private int _room = 1 << 20;

    public Html Of(string anchor, ChannelTable channels)
    {
        Html lines = Html.Join(Lines(channels));
        _room -= lines.Length;
        if (_room >= 0)
            return Html.Of($"""<script type="text/plain" class="numbers">{lines}</script>""");
        string file = $"{Subfolder}/{anchor}.js";
        SideScript.Write(folder, file, lines);
        return Html.Of($"""<script type="text/plain" class="numbers" data-file="{file}"></script>""");
    }

    private static IEnumerable<Html> Lines(ChannelTable channels)
    {
        foreach ((string name, float[]? column) in new[]
        {
            ("min", channels.Min.Values), ("max", channels.Max.Values), ("mean", channels.Mean.Values), ("std", channels.Std.Values),
            ("zeros", channels.Zeros.Values),
            ("NaN", Widen(channels.Nan)), ("infinite", Widen(channels.Inf)),
        })
        {
            if (column is not { Length: > 0 })
                continue;
            yield return column.AsSpan().ContainsAnyExcept(column[0])
                ? Html.Of($"{name} {column.Length} {Html.Base64Of(column)}\n")
                : new Html(string.Create(CultureInfo.InvariantCulture, $"{name} {column[0]}\n"));
        }
    }

    private static float[]? Widen(long[]? counts) => counts is null ? null : Array.ConvertAll(counts, count => (float)count);
}
