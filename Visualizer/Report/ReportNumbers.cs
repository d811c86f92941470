using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CnnOnnx.Visualizer.Statistics;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// The numbers of the tensors' channels for the report's script, which sorts by them: in the page while there is room, the rest
/// as small scripts beside it, which are loaded when they are asked for.
/// <code>
/// min 0                 every channel has it
/// max 64 mpmZPs3MTD…    as many floats, little-endian, base64
/// </code>
/// </summary>
/// <param name="folder">Of the report.</param>
internal sealed class ReportNumbers(string folder)
{
    private const string Subfolder = "numbers";

    private int _room = 1 << 20;

    public Html Of(string anchor, ChannelTable channels)
    {
        string text = Lines(channels);
        _room -= text.Length;
        if (_room >= 0)
            return Html.Of($"""<script type="text/plain" class="numbers">{new Html(text)}</script>""");
        string file = $"{Subfolder}/{anchor}.js";
        SideScript.Write(folder, file, text);
        return Html.Of($"""<script type="text/plain" class="numbers" data-file="{file}"></script>""");
    }

    private static string Lines(ChannelTable channels)
    {
        var text = new StringBuilder(8 * channels.Count);
        foreach ((string name, float[]? column) in new[]
        {
            ("min", channels.Min), ("max", channels.Max), ("mean", channels.Mean), ("std", channels.Std), ("zeros", channels.Zeros),
            ("NaN", Widen(channels.Nan)), ("infinite", Widen(channels.Inf)),
        })
        {
            if (column is not { Length: > 0 })
                continue;
            if (column.AsSpan().ContainsAnyExcept(column[0]))
                text.Append(CultureInfo.InvariantCulture, $"{name} {column.Length} {Convert.ToBase64String(MemoryMarshal.AsBytes(column.AsSpan()))}\n");
            else
                text.Append(CultureInfo.InvariantCulture, $"{name} {column[0]}\n");
        }

        return text.ToString();
    }

    private static float[]? Widen(long[]? counts) => counts is null ? null : Array.ConvertAll(counts, count => (float)count);
}
