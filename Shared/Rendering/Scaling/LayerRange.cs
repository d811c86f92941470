namespace CnnOnnx.Rendering;

/// <summary>What the maps of a layer are like together, and what the legend says about that.</summary>
/// <param name="Odd">Maps with NaN or infinite values.</param>
internal readonly record struct LayerRange(MapFacts All, int Maps, int Constant, int Odd)
{
    public static LayerRange Of(ReadOnlySpan<MapFacts> maps)
    {
        MapFacts all = MapFacts.Empty;
        (int constant, int odd) = (0, 0);
        foreach (MapFacts map in maps)
        {
            all = all.Merge(map);
            constant += map.IsConstant ? 1 : 0;
            odd += map.NonFiniteCount > 0 ? 1 : 0;
        }

        return new LayerRange(all, maps.Length, constant, odd);
    }

    /// <param name="range">That the scale is made of.</param>
    public Legend Describe(string title, IEnumerable<string> remarks, ScaleRule rule, ValueRange range)
    {
        if (!All.HasFinite)
            return new Legend(title, [.. remarks, DescribeOdd()], null);
        bool isSaid = rule.SaysRange && range == All.Range;
        return new Legend(
            title,
            [.. remarks, rule.Remark, isSaid ? "" : $"layer {Numbers.Short(All.Range)}", DescribeConstant(), DescribeOdd()],
            rule.Labels(range));
    }

    private string DescribeConstant() =>
        Constant == 0 ? ""
        : Maps == 1 ? "constant"
        : Constant == Maps ? "all maps constant"
        : $"{Constant} {(Constant == 1 ? "map" : "maps")} constant";

    private string DescribeOdd() =>
        Odd == 0 ? "" : $"{All.DescribeNonFinite()}{(Maps == 1 ? "" : $" in {Odd} of {Maps} maps")}";
}
