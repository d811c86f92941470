using System.Globalization;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>
/// Says what stands where on the contact sheets of an input: methods × targets where there is one layer, methods × layers where there are
/// several, and a sheet for each method, with all layers on it, where they are too many to stand beside each other.
/// </summary>
internal static class SheetPlans
{
    private const int MostColumns = 16, MostRows = 40, ManyColumns = 8, UsualSide = 176, SmallSide = 112;

    // Columns of a sheet with tiles of that many: wider than it is high, as a screen is.
    private const double Width = 1.5;

    /// <summary>Plans the sheets.</summary>
    /// <param name="explained">The input and its maps.</param>
    public static IEnumerable<SheetPlan> Of(Explained explained)
    {
        string[] layers = LayersOf(explained);
        SheetAxis[] targets = [.. explained.Targets.Select(target => new SheetAxis(target.Target.Name, Numbers.Short(target.Value),
            map => ReferenceEquals(map.Map.Target, target.Target)))];
        if (layers.Length < 2)
            return Matrix(explained, "targets", targets, Methods(explained.Methods), MostColumns);
        // What is of pixels is apart: it would leave a row nearly empty.
        ExplainedMethod[] ofInput = [.. explained.Methods.Where(method => method.Method.Kind == AttributionKind.Input)];
        ExplainedMethod[] ofLayers = [.. explained.Methods.Except(ofInput)];
        IReadOnlyDictionary<string, string> titles = LayerTitles.Of(layers);
        IEnumerable<SheetPlan> byLayer = layers.Length > MostColumns
            ? ofLayers.SelectMany(method => Wrapped(explained, method, layers, titles))
            : Matrix(explained, "layers", [.. layers.Select(layer => new SheetAxis(titles[layer], "", map => map.Map.Layer == layer))],
                Rows(Methods(ofLayers), targets), MostColumns);
        return ofInput.Length == 0 ? byLayer
            : byLayer.Concat(Matrix(explained, "methods", Methods(ofInput), targets, ManyColumns));
    }

    /// <summary>Cuts rows or columns into as few pages as hold them, all of about the same size.</summary>
    /// <param name="all">Rows or columns.</param>
    /// <param name="most">Most of them on a page.</param>
    internal static IEnumerable<T[]> Pages<T>(T[] all, int most)
    {
        int pages = Math.Max(1, (all.Length + most - 1) / most);
        return all.Chunk(Math.Max(1, (all.Length + pages - 1) / pages));
    }

    // The layers in the network's order.
    private static string[] LayersOf(Explained explained) =>
        [.. explained.Maps.Where(map => AttributionMethods.Find(map.Map.Method).Kind != AttributionKind.Input)
            .Select(map => map.Map.Layer).Distinct()];

    private static SheetAxis[] Methods(IEnumerable<ExplainedMethod> methods) => [.. methods.Select(method =>
        new SheetAxis(MethodTitle.Of(method.Method.Name), Cost(method), map => map.Map.Method == method.Method.Name))];

    private static SheetAxis[] Rows(SheetAxis[] methods, SheetAxis[] targets) => targets.Length == 1 ? methods :
        [.. from method in methods
            from target in targets
            select method with { Remark = target.Title, Holds = map => method.Holds(map) && target.Holds(map) }];

    private static IEnumerable<SheetPlan> Matrix(Explained explained, string words, SheetAxis[] columns, SheetAxis[] rows, int mostColumns)
    {
        foreach (SheetAxis[] across in Pages(columns, mostColumns))
            foreach (SheetAxis[] down in Pages(rows, MostRows))
            {
                int first = Array.IndexOf(columns, across[0]);
                string which = across.Length == columns.Length ? "" : string.Create(CultureInfo.InvariantCulture,
                    $", {words} {first + 1} to {first + across.Length} of {columns.Length}");
                yield return new SheetPlan(which, [.. across.Select(column => column.Title)],
                    [.. down.Select(row => new SheetPlanRow(row.Title, row.Remark, [.. across.Select(column =>
                        explained.Maps.FirstOrDefault(map => column.Holds(map) && row.Holds(map)) is { } map
                            ? new SheetPlanTile(map, "") : null)]))], across.Length > ManyColumns ? SmallSide : UsualSide);
            }
    }

    // One method at all layers, line by line as words are; of several targets the same layers stand below each other.
    private static IEnumerable<SheetPlan> Wrapped(Explained explained, ExplainedMethod method, string[] layers,
        IReadOnlyDictionary<string, string> titles)
    {
        int columns = Math.Clamp((int)Math.Ceiling(Math.Sqrt(Width * layers.Length)), ManyColumns, MostColumns);
        (string[] Layers, string Words)[] lines = [.. layers.Chunk(columns).Select((line, i) => (line, string.Create(
            CultureInfo.InvariantCulture, $"layers {columns * i + 1} to {columns * i + line.Length}")))];
        var maps = explained.Maps.Where(map => map.Map.Method == method.Method.Name)
            .ToDictionary(map => (map.Map.Target, map.Map.Layer), new PlaceComparer());
        bool isOne = explained.Targets.Count == 1;
        foreach (ExplainedTarget[] targets in Pages([.. explained.Targets], Math.Max(1, MostRows / lines.Length)))
            yield return new SheetPlan(string.Create(CultureInfo.InvariantCulture,
                $": {MethodTitle.Of(method.Method.Name)} at {layers.Length} layers"), [.. Enumerable.Repeat("", columns)],
                [.. from line in lines
                    from target in targets
                    let tiles = line.Layers.Select(layer => maps.TryGetValue((target.Target, layer), out ExplainedMap? map)
                        ? new SheetPlanTile(map, titles[layer]) : null).ToArray()
                    select new SheetPlanRow(isOne ? "" : target.Target.Name, line.Words, tiles)], SmallSide);
    }

    /// <summary>Tells what a method took: "1.5 passes".</summary>
    internal static string Cost(ExplainedMethod method) => string.Create(CultureInfo.InvariantCulture,
        $"{method.ForwardPasses:0.#} {(Math.Round(method.ForwardPasses, 1) == 1 ? "pass" : "passes")}");

    // Targets of the same words may be others.
    private sealed class PlaceComparer : IEqualityComparer<(AttributionTarget Target, string Layer)>
    {
        public bool Equals((AttributionTarget Target, string Layer) one, (AttributionTarget Target, string Layer) other) =>
            ReferenceEquals(one.Target, other.Target) && one.Layer == other.Layer;

        public int GetHashCode((AttributionTarget Target, string Layer) place) =>
            HashCode.Combine(place.Target.Name, place.Layer);
    }
}

/// <summary>What stands on one sheet.</summary>
/// <param name="Which">Words behind the title: which part of all it is; empty for all.</param>
/// <param name="Columns">Headings of the columns.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Side">Longer side of a tile in pixels.</param>
internal sealed record SheetPlan(string Which, string[] Columns, SheetPlanRow[] Rows, int Side);

/// <summary>One row of a sheet.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Remark">Line below the heading.</param>
/// <param name="Tiles">A map for each column; null for none.</param>
internal sealed record SheetPlanRow(string Title, string Remark, SheetPlanTile?[] Tiles);

/// <summary>One map on a sheet.</summary>
/// <param name="Map">The map.</param>
/// <param name="Name">Name below it, of a tile without a heading; empty for none.</param>
internal sealed record SheetPlanTile(ExplainedMap Map, string Name);

/// <summary>A row or column that maps are chosen for.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Remark">Line below a row's heading.</param>
/// <param name="Holds">True for the maps that stand in it.</param>
internal sealed record SheetAxis(string Title, string Remark, Func<ExplainedMap, bool> Holds);
