using System.Globalization;
using System.Text;
using CnnOnnx.Visualizer.Statistics;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The numbers of a tensor's channels for the report's script, which sorts by them: a line for each kind, four digits.</summary>
internal static class ChannelData
{
    public static Html Of(ChannelTable channels)
    {
        var text = new StringBuilder(32 * channels.Count);
        foreach ((string name, float[] column) in new[]
        {
            ("min", channels.Min), ("max", channels.Max), ("mean", channels.Mean), ("std", channels.Std), ("zeros", channels.Zeros),
        })
        {
            text.Append(name);
            foreach (float value in column)
                text.Append(CultureInfo.InvariantCulture, $" {value:G4}");
            text.Append('\n');
        }

        return Html.Of($"""<script type="text/plain" class="numbers">{text.ToString()}</script>""");
    }
}
