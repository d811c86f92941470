using System.Globalization;
using System.Text.Json;
using CnnOnnx.Imaging;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>
/// Holds what the sections of a page share: the picture as the network sees it, the maps as they are drawn, entries of the list.
/// </summary>
internal sealed class PageView
{
    // A map on the page has no more places a side: it is drawn at 188 pixels.
    private const int MostSide = 64;

    private const int MostPicture = 448;

    // Escapes what could end the script.
    private static readonly JsonSerializerOptions AsScript = new(JsonSerializerDefaults.Web);

    private readonly string _folder;
    private readonly List<string> _maps = [];
    private readonly Dictionary<(ExplainedMap, ExplainedMap?), int> _places = [];

    /// <param name="explained">The input and its maps.</param>
    /// <param name="folder">Folder of the page, for values of maps beside it.</param>
    public PageView(Explained explained, string folder)
    {
        (Explained, _folder) = (explained, folder);
        using Mat seen = NetworkView.Of(explained.Picture, explained.Spec);
        double scale = Math.Min(1, (double)MostPicture / Math.Max(seen.Cols, seen.Rows));
        using Mat small = new();
        // Small pictures in whole pixels, large ones smoothly.
        double grown = scale < 1 ? scale : Math.Max(1, MostPicture / 2 / Math.Max(seen.Cols, seen.Rows));
        Cv2.Resize(seen, small, new Size(Math.Max(1, seen.Cols * grown), Math.Max(1, seen.Rows * grown)), 0, 0,
            grown < 1 ? InterpolationFlags.Area : InterpolationFlags.Nearest);
        Picture = Html.Of($"data:image/png;base64,{Html.Base64Of(PictureFile.Encode(small, ".png"))}");
    }

    public Explained Explained { get; }

    /// <summary>The picture as the network sees it, as an address that holds it.</summary>
    public Html Picture { get; }

    /// <summary>Entries of the list at the side, in order.</summary>
    public List<Html> Entries { get; } = [];

    /// <summary>Share of height and width of the input, for tiles.</summary>
    public string Aspect => string.Create(CultureInfo.InvariantCulture, $"{Explained.Spec.Width} / {Explained.Spec.Height}");

    /// <summary>All maps that sections have asked for, as the script reads them.</summary>
    public Html Data => Html.Of($"""<script type="application/json" id="maps">[{new Html(string.Join(",\n", _maps))}]</script>""");

    /// <summary>The targets that stand beside each other in colours of their own.</summary>
    public IReadOnlyList<ExplainedTarget> Shown => Explained.Targets;

    /// <summary>True when two targets are told apart by their colours.</summary>
    public bool IsPair => Explained.Targets.Count == 2;

    /// <summary>For each method the map to show first: at the layer that is deepest.</summary>
    public ExplainedMap? Main(string method, ExplainedTarget target) =>
        Explained.Of(target).LastOrDefault(map => map.Map.Method == method);

    /// <summary>Numbers of a map as they are drawn: the sign that the paper shows, pixels summed over squares.</summary>
    public static MapPlane Drawn(ExplainedMap map) => AttributionOverlay.PlaneOf(map.Map, AttributionOverlay.SignOf(map.Map));

    /// <summary>A canvas that a script draws a map on.</summary>
    /// <param name="map">The map.</param>
    /// <param name="less">The map that is taken off; null for none.</param>
    /// <param name="kind">Class of the canvas: t0 and t1 for the two targets, d for their difference.</param>
    /// <param name="label">Description for those who cannot see it.</param>
    public Html Canvas(ExplainedMap map, ExplainedMap? less, string kind, string label)
    {
        if (!_places.TryGetValue((map, less), out int place))
        {
            string method = MethodTitle.Of(map.Map.Method), target = map.Map.Target.Name;
            place = _places[(map, less)] = less is null
                ? Add(Drawn(map), new MapEntry(method, map.Map.Layer, target, Explained.Targets.ToList().FindIndex(
                    one => ReferenceEquals(one.Target, map.Map.Target))), map.Plane)
                : Add(Difference(map, less), new MapEntry(method, map.Map.Layer, $"{target} − {less.Map.Target.Name}", -1)
                {
                    Of = [_places[(map, null)], _places[(less, null)]],
                    IsPositive = AttributionOverlay.SignOf(map.Map) == AttributionSign.Positive,
                });
        }

        return Html.Of($"""<canvas class="map {kind}" data-map="{place}" role="img" aria-label="{label}" tabindex="0"></canvas>""");
    }

    /// <summary>A canvas that a script draws a channel on.</summary>
    /// <param name="shares">Layer and target that the channel is of.</param>
    /// <param name="channel">The channel, from 0.</param>
    /// <param name="kind">Class of the canvas.</param>
    /// <param name="label">Description for those who cannot see it.</param>
    public Html Canvas(ChannelShares shares, int channel, string kind, string label)
    {
        MapPlane plane = shares.Plane(channel);
        int place = Add(plane, new MapEntry(string.Create(CultureInfo.InvariantCulture, $"Channel {channel}"), shares.Layer,
            shares.Target.Name, -1), plane);
        return Html.Of($"""<canvas class="map {kind}" data-map="{place}" role="img" aria-label="{label}" tabindex="0"></canvas>""");
    }

    /// <summary>One map minus another, each as it is drawn.</summary>
    public static MapPlane Difference(ExplainedMap map, ExplainedMap less)
    {
        MapPlane own = Drawn(map), other = Drawn(less);
        return new MapPlane(own.Height, own.Width, [.. own.Values.Zip(other.Values, (a, b) => a - b)]);
    }

    /// <summary>Range of a map, as it stands below its tile.</summary>
    public static string Range(MapPlane plane) =>
        $"{Numbers.Short(plane.Min).Replace('-', '−')} … {Numbers.Short(plane.Max).Replace('-', '−')}";

    /// <summary>Share of what is negative, in words.</summary>
    public static string Negative(MapPlane plane) => plane.NegativeShare < 0.005 ? "no negatives"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * plane.NegativeShare:0} % < 0");

    // As it is drawn small: one byte a place, 128 is nothing, 255 the end of the scale. The values go beside the page.
    private int Add(MapPlane drawn, MapEntry entry, MapPlane? values = null)
    {
        MapPlane small = drawn.Summed((int)Math.Ceiling((double)Math.Max(drawn.Width, drawn.Height) / MostSide));
        float limit = small.Limit();
        byte[] bytes = Array.ConvertAll(small.Values, value =>
            (byte)(128 + 127 * Math.Clamp(limit > 0 && float.IsFinite(value) ? value / limit : 0, -1, 1)));
        _maps.Add(JsonSerializer.Serialize(entry with
        {
            W = small.Width,
            H = small.Height,
            V = Convert.ToBase64String(bytes),
            Values = values is null ? null : MapValues.Write(_folder, _maps.Count, values),
        }, AsScript));
        return _maps.Count - 1;
    }
}

/// <summary>One map as the page's script reads it.</summary>
/// <param name="Method">Title of the method.</param>
/// <param name="Layer">Tensor that the map belongs to.</param>
/// <param name="Target">Name of the target.</param>
/// <param name="Index">Place of the target; −1 for what has no other target beside it.</param>
internal sealed record MapEntry(string Method, string Layer, string Target, int Index)
{
    /// <summary>Columns as it is drawn small.</summary>
    public int W { get; init; }

    /// <summary>Rows as it is drawn small.</summary>
    public int H { get; init; }

    /// <summary>Values as they are drawn small, in base64.</summary>
    public string V { get; init; } = "";

    /// <summary>The values; null for a difference.</summary>
    public ValuesFile? Values { get; init; }

    /// <summary>The two maps of a difference.</summary>
    public int[]? Of { get; init; }

    /// <summary>True for a difference of what is positive in two maps.</summary>
    public bool IsPositive { get; init; }
}
