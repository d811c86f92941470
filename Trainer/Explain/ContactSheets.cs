using System.Globalization;
using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Draws all maps of an input on contact sheets: methods × layers, or methods × targets where there is one layer.</summary>
internal static class ContactSheets
{
    private const int MostColumns = 16, MostRows = 40, UsualSide = 176, SmallSide = 112, ManyColumns = 8;

    /// <summary>Draws and writes the sheets.</summary>
    /// <param name="explained">The input and its maps.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="model">Name of the model, for the title.</param>
    /// <param name="options">How maps are laid over the picture.</param>
    /// <returns>Names of the files.</returns>
    public static IReadOnlyList<string> Write(Explained explained, string folder, string model, OverlayOptions options)
    {
        (string Title, Func<ExplainedMap, bool> Holds)[] columns = Columns(explained);
        (string Title, string Remark, Func<ExplainedMap, bool> Holds)[] rows = Rows(explained, columns.Length > 1 && IsByLayer(explained));
        List<string> files = [];
        foreach ((string, Func<ExplainedMap, bool>)[] across in columns.Chunk(MostColumns))
            foreach ((string, string, Func<ExplainedMap, bool>)[] down in rows.Chunk(MostRows))
            {
                string file = files.Count == 0 ? "contact-sheet.png"
                    : string.Create(CultureInfo.InvariantCulture, $"contact-sheet-{files.Count + 1}.png");
                using Mat? sheet = Draw(explained, model, across, down, options);
                if (sheet is null)
                    continue;
                PictureFile.Write(Path.Combine(folder, file), sheet);
                files.Add(file);
            }

        return files;
    }

    private static bool IsByLayer(Explained explained) => LayersOf(explained).Length > 1;

    // The layers in the network's order, the input's own pixels last.
    private static string[] LayersOf(Explained explained) =>
        [.. explained.Maps.Where(map => AttributionMethods.Find(map.Map.Method).Kind != AttributionKind.Input)
            .Select(map => map.Map.Layer).Distinct()];

    private static (string, Func<ExplainedMap, bool>)[] Columns(Explained explained)
    {
        if (!IsByLayer(explained))
            return [.. explained.Targets.Select(target => (target.Target.Name,
                (Func<ExplainedMap, bool>)(map => ReferenceEquals(map.Map.Target, target.Target))))];
        string[] layers = LayersOf(explained);
        IEnumerable<string> others = explained.Maps.Select(map => map.Map.Layer).Distinct().Except(layers);
        return [.. layers.Concat(others).Select(layer => (layer, (Func<ExplainedMap, bool>)(map => map.Map.Layer == layer)))];
    }

    private static (string, string, Func<ExplainedMap, bool>)[] Rows(Explained explained, bool byLayer)
    {
        (string, string, Func<ExplainedMap, bool>)[] methods = [.. explained.Methods.Select(method => (MethodTitle.Of(method.Method.Name),
            Cost(method), (Func<ExplainedMap, bool>)(map => map.Map.Method == method.Method.Name)))];
        if (!byLayer || explained.Targets.Count == 1)
            return methods;
        return [.. from method in methods
                   from target in explained.Targets
                   select (method.Item1, target.Target.Name,
                       (Func<ExplainedMap, bool>)(map => method.Item3(map) && ReferenceEquals(map.Map.Target, target.Target)))];
    }

    private static Mat? Draw(Explained explained, string model, (string Title, Func<ExplainedMap, bool> Holds)[] columns,
        (string Title, string Remark, Func<ExplainedMap, bool> Holds)[] rows, OverlayOptions options)
    {
        var sheet = new ContactSheet
        {
            Title = $"{model} explains {Path.GetFileName(explained.Path)}",
            Remark = string.Join("    ", explained.Targets.Select(target => $"{target.Target.Name}: {Numbers.Short(target.Value)}")),
            Columns = [.. columns.Select(column => column.Title)],
            TileSide = columns.Length > ManyColumns ? SmallSide : UsualSide,
        };
        using Mat seen = NetworkView.Of(explained.Picture, explained.Spec);
        InputSpec own = explained.Spec with { Resize = ResizeMode.Stretch };
        foreach ((string title, string remark, Func<ExplainedMap, bool> holds) in rows)
        {
            ExplainedMap?[] maps = [.. columns.Select(column => explained.Maps.FirstOrDefault(map => column.Holds(map) && holds(map)))];
            if (maps.All(map => map is null))
                continue;
            SheetTile?[] tiles = [.. maps.Select(map => map is null ? null : Tile(map, seen, own, options, sheet.TileSide))];
            sheet.Add(title, remark, tiles);
            foreach (SheetTile? tile in tiles)
                tile?.Picture.Dispose();
        }

        return sheet.Rows == 0 ? null : sheet.Render();
    }

    // Of words that are too long the less important go: a number that is cut would be another number.
    private static SheetTile Tile(ExplainedMap map, Mat seen, InputSpec spec, OverlayOptions options, int side)
    {
        string range = $"{Numbers.Short(map.Plane.Min)} .. {Numbers.Short(map.Plane.Max)}";
        string negative = map.Plane.NegativeShare > 0.005
            ? string.Create(CultureInfo.InvariantCulture, $"   {map.Plane.NegativeShare:0 %} neg") : "";
        string caption = new[] { range + negative, range, $"max {Numbers.Short(map.Plane.Max)}" }
            .FirstOrDefault(words => TextPainter.WidthOf(words, TextPainter.Tiny) <= side, "");
        return new SheetTile(AttributionOverlay.Render(map.Map, seen, spec, options), caption);
    }

    private static string Cost(ExplainedMethod method) => string.Create(CultureInfo.InvariantCulture,
        $"{method.ForwardPasses:0.#} {(method.ForwardPasses == 1 ? "pass" : "passes")}");
}
