using System.Globalization;
using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Draws all maps of an input on contact sheets: methods × layers, or methods × targets where there is one layer.</summary>
internal static class ContactSheets
{
    private const int MostLayers = 16, MostRows = 40, UsualSide = 176, SmallSide = 112, ManyColumns = 8;

    /// <summary>Draws and writes the sheets.</summary>
    /// <param name="explained">The input and its maps.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="model">Name of the model, for the title.</param>
    /// <param name="options">How maps are laid over the picture.</param>
    /// <returns>Names of the files.</returns>
    public static IReadOnlyList<string> Write(Explained explained, string folder, string model, OverlayOptions options)
    {
        List<string> files = [];
        foreach (SheetPart part in Parts(explained))
            foreach (SheetAxis[] across in Pages(part.Columns, part.MostColumns))
                foreach (SheetAxis[] down in Pages(part.Rows, MostRows))
                {
                    string file = files.Count == 0 ? "contact-sheet.png"
                        : string.Create(CultureInfo.InvariantCulture, $"contact-sheet-{files.Count + 1}.png");
                    string which = across.Length == part.Columns.Length ? "" : string.Create(CultureInfo.InvariantCulture,
                        $", {part.Words} {Array.IndexOf(part.Columns, across[0]) + 1} to {Array.IndexOf(part.Columns, across[^1]) + 1} of "
                        + $"{part.Columns.Length}");
                    string title = $"{model} explains {Path.GetFileName(explained.Path)}{which}";
                    using Mat? sheet = Draw(explained, title, across, down, options);
                    if (sheet is null)
                        continue;
                    PictureFile.Write(Path.Combine(folder, file), sheet);
                    files.Add(file);
                }

        return files;
    }

    /// <summary>Cuts rows or columns into as few pages as hold them, all of about the same size.</summary>
    /// <param name="all">Rows or columns.</param>
    /// <param name="most">Most of them on a page.</param>
    internal static IEnumerable<SheetAxis[]> Pages(SheetAxis[] all, int most)
    {
        int pages = Math.Max(1, (all.Length + most - 1) / most);
        return all.Chunk(Math.Max(1, (all.Length + pages - 1) / pages));
    }

    // Methods × targets; with several layers methods × layers, and what is of pixels apart: it would leave a row nearly empty.
    private static SheetPart[] Parts(Explained explained)
    {
        SheetAxis[] methods = [.. explained.Methods.Select(method => new SheetAxis(MethodTitle.Of(method.Method.Name), Cost(method),
            map => map.Map.Method == method.Method.Name))];
        SheetAxis[] targets = [.. explained.Targets.Select(target => new SheetAxis(target.Target.Name, Numbers.Short(target.Value),
            map => ReferenceEquals(map.Map.Target, target.Target)))];
        string[] layers = LayersOf(explained);
        if (layers.Length < 2)
            return [new SheetPart("targets", targets, methods, MostLayers)];
        SheetAxis[] ofInput = [.. explained.Methods.Zip(methods).Where(pair => pair.First.Method.Kind == AttributionKind.Input)
            .Select(pair => pair.Second)];
        SheetAxis[] ofLayers = [.. methods.Except(ofInput)];
        SheetAxis[] rows = targets.Length == 1 ? ofLayers : [.. from method in ofLayers
                                                               from target in targets
                                                               select method with
                                                               {
                                                                   Remark = target.Title,
                                                                   Holds = map => method.Holds(map) && target.Holds(map),
                                                               }];
        SheetAxis[] columns = [.. layers.Select(layer => new SheetAxis(layer, "", map => map.Map.Layer == layer))];
        var byLayer = new SheetPart("layers", columns, rows, MostLayers);
        return ofInput.Length == 0 ? [byLayer] : [byLayer, new SheetPart("methods", ofInput, targets, ManyColumns)];
    }

    // The layers in the network's order.
    private static string[] LayersOf(Explained explained) =>
        [.. explained.Maps.Where(map => AttributionMethods.Find(map.Map.Method).Kind != AttributionKind.Input)
            .Select(map => map.Map.Layer).Distinct()];

    private static Mat? Draw(Explained explained, string title, SheetAxis[] columns, SheetAxis[] rows, OverlayOptions options)
    {
        var sheet = new ContactSheet
        {
            Title = title,
            Remark = string.Join("    ", explained.Targets.Select(target => $"{target.Target.Name}: {Numbers.Short(target.Value)}")),
            Columns = [.. columns.Select(column => column.Title)],
            TileSide = columns.Length > ManyColumns ? SmallSide : UsualSide,
        };
        using Mat seen = NetworkView.Of(explained.Picture, explained.Spec);
        InputSpec own = explained.Spec with { Resize = ResizeMode.Stretch };
        foreach (SheetAxis row in rows)
        {
            ExplainedMap?[] maps = [.. columns.Select(column => explained.Maps.FirstOrDefault(map => column.Holds(map) && row.Holds(map)))];
            if (maps.All(map => map is null))
                continue;
            SheetTile?[] tiles = [.. maps.Select(map => map is null ? null : Tile(map, seen, own, options, sheet.TileSide))];
            sheet.Add(row.Title, row.Remark, tiles);
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
        $"{method.ForwardPasses:0.#} {(Math.Round(method.ForwardPasses, 1) == 1 ? "pass" : "passes")}");
}

/// <summary>Maps that share a sheet or follow each other on several.</summary>
/// <param name="Words">What its columns are.</param>
/// <param name="Columns">What stands beside each other.</param>
/// <param name="Rows">What stands below each other.</param>
/// <param name="MostColumns">Columns of one sheet.</param>
internal sealed record SheetPart(string Words, SheetAxis[] Columns, SheetAxis[] Rows, int MostColumns);

/// <summary>A row or column of a sheet.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Remark">Line below a row's heading.</param>
/// <param name="Holds">True for the maps that stand in it.</param>
internal sealed record SheetAxis(string Title, string Remark, Func<ExplainedMap, bool> Holds);
