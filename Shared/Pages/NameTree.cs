namespace CnnOnnx.Pages;

/// <summary>
/// A list of names as a tree of their parts: what stands between slashes and dots. Neighbours with a first part in common are a group that
/// opens and closes; what all names have in common is left out. The order stays that of the names.
/// </summary>
internal static class NameTree
{
    // A list of so many is open from the start; of a longer one its first groups are.
    private const int FewEntries = 60, OpenGroups = 2;

    private const string ExportedEnding = "_output_0";

    /// <summary>Draws the list: items with links to the cards' addresses.</summary>
    public static Html Draw(IReadOnlyList<PageCard> cards)
    {
        Entry[] entries = [.. cards.Select(card => new Entry(card, PartsOf(card.Name)))];
        int common = entries.Length < 2 ? 0 : CommonParts(entries);
        int open = cards.Count(card => !card.IsPlumbing) <= FewEntries ? int.MaxValue : OpenGroups;
        return Html.Of($"<ul>{Html.Join(Items(entries, common, "", ref open))}</ul>");
    }

    /// <summary>
    /// Splits a name. Exporters of PyTorch repeat what is around: of features/features.1/features.1.0/Conv_output_0 are left features, 1, 0
    /// and Conv.
    /// </summary>
    internal static string[] PartsOf(string name)
    {
        List<string> parts = [];
        string before = "";
        foreach (string segment in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            bool repeats = before.Length > 0 && segment.StartsWith(before + '.', StringComparison.Ordinal);
            string own = repeats ? segment[(before.Length + 1)..] : segment;
            parts.AddRange(own.Split('.', StringSplitOptions.RemoveEmptyEntries));
            before = segment;
        }

        if (parts.Count > 0 && parts[^1].Length > ExportedEnding.Length && parts[^1].EndsWith(ExportedEnding, StringComparison.Ordinal))
            parts[^1] = parts[^1][..^ExportedEnding.Length];
        return parts.Count == 0 ? [name] : [.. parts];
    }

    private static int CommonParts(ReadOnlySpan<Entry> entries)
    {
        int common = entries[0].Parts.Length - 1;
        foreach (Entry entry in entries[1..])
        {
            int most = Math.Min(common, entry.Parts.Length - 1), same = 0;
            while (same < most && entry.Parts[same] == entries[0].Parts[same])
                same++;
            common = same;
        }

        return common;
    }

    // "label" holds the parts of groups that have a single item: they are written in front of that item.
    private static List<Html> Items(ReadOnlySpan<Entry> entries, int depth, string label, ref int open)
    {
        List<Html> items = [];
        while (!entries.IsEmpty)
        {
            Entry first = entries[0];
            int count = 1;
            if (depth < first.Parts.Length - 1)
                while (count < entries.Length && entries[count].Parts is var parts
                    && parts.Length - 1 > depth && parts[depth] == first.Parts[depth])
                    count++;
            if (count == 1)
                items.Add(Leaf(first, label + string.Join(" ▸ ", first.Parts[depth..])));
            else
                items.Add(Group(entries[..count], depth, label, ref open));
            entries = entries[count..];
        }

        return items;
    }

    private static Html Group(ReadOnlySpan<Entry> entries, int depth, string label, ref int open)
    {
        string name = label + entries[0].Parts[depth];
        // A group whose only child is a group is one row.
        int deeper = CommonParts(entries);
        for (int part = depth + 1; part < deeper; part++)
            name += $" ▸ {entries[0].Parts[part]}";
        int inner = Math.Max(depth + 1, deeper);
        bool isOpen = open-- > 0;
        List<Html> children = Items(entries, inner, "", ref open);
        return Html.Of($"""<li><details{(isOpen ? new Html(" open") : Html.Empty)}><summary title="{name}"><b>{name}</b><small>{entries[^1].Card.Size}</small></summary><ul>{Html.Join(children)}</ul></details></li>""");
    }

    private static Html Leaf(Entry entry, string label) => Html.Of(
        $"""<li><a href="#{entry.Card.Anchor}" title="{entry.Card.Name}"><b>{label}</b><small>{entry.Card.Size}</small></a></li>""");

    private readonly record struct Entry(PageCard Card, string[] Parts);
}
