using System.Globalization;
using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Draws all maps of an input on contact sheets.</summary>
internal static class ContactSheets
{
    /// <summary>Draws and writes the sheets.</summary>
    /// <param name="explained">The input and its maps.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="model">Name of the model, for the title.</param>
    /// <param name="options">How maps are laid over the picture.</param>
    /// <returns>Names of the files.</returns>
    public static IReadOnlyList<string> Write(Explained explained, string folder, string model, OverlayOptions options)
    {
        List<string> files = [];
        using Mat seen = NetworkView.Of(explained.Picture, explained.Spec);
        foreach (SheetPlan plan in SheetPlans.Of(explained))
        {
            string file = files.Count == 0 ? "contact-sheet.png"
                : string.Create(CultureInfo.InvariantCulture, $"contact-sheet-{files.Count + 1}.png");
            using Mat? sheet = Draw(explained, $"{model} explains {Path.GetFileName(explained.Path)}{plan.Which}", plan, seen, options);
            if (sheet is null)
                continue;
            PictureFile.Write(Path.Combine(folder, file), sheet);
            files.Add(file);
        }

        return files;
    }

    private static Mat? Draw(Explained explained, string title, SheetPlan plan, Mat seen, OverlayOptions options)
    {
        var sheet = new ContactSheet
        {
            Title = title,
            Remark = string.Join("    ", explained.Targets.Select(target => $"{target.Target.Name}: {Numbers.Short(target.Value)}")),
            Columns = plan.Columns,
            TileSide = plan.Side,
        };
        InputSpec own = explained.Spec with { Resize = ResizeMode.Stretch };
        foreach (SheetPlanRow row in plan.Rows.Where(row => row.Tiles.Any(tile => tile is not null)))
        {
            SheetTile?[] tiles = [.. row.Tiles.Select(tile => tile is null ? null : Tile(tile, seen, own, options, plan.Side))];
            sheet.Add(row.Title, row.Remark, tiles);
            foreach (SheetTile? tile in tiles)
                tile?.Picture.Dispose();
        }

        return sheet.Rows == 0 ? null : sheet.Render();
    }

    // Of words that are too long the less important go: a number that is cut would be another number.
    private static SheetTile Tile(SheetPlanTile tile, Mat seen, InputSpec spec, OverlayOptions options, int side)
    {
        MapPlane plane = tile.Map.Plane;
        string range = $"{Numbers.Short(plane.Min)} .. {Numbers.Short(plane.Max)}";
        string negative = plane.NegativeShare > 0.005
            ? string.Create(CultureInfo.InvariantCulture, $"   {plane.NegativeShare:0 %} neg") : "";
        string caption = new[] { range + negative, range, $"max {Numbers.Short(plane.Max)}" }
            .FirstOrDefault(words => TextPainter.WidthOf(words, TextPainter.Tiny) <= side, "");
        return new SheetTile(AttributionOverlay.Render(tile.Map.Map, seen, spec, options),
            tile.Name.Length > 0 ? $"{tile.Name}\n{caption}" : caption);
    }
}
