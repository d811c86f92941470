using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>A detector's card: the maps of its head over the picture, and the level and cell that each box comes from.</summary>
internal static class HeadSection
{
    private const int MostBoxes = 24;

    private static readonly string[] Titles = ["box", "score", "level", "cell", "anchor", "place in the picture"];

    /// <summary>Draws the card; nothing for a model that is no detector, or one whose head has no maps.</summary>
    public static Html Draw(DumpManifest manifest, PagePictures pictures)
    {
        if (manifest.Detected is not { Levels: { Length: > 0 } levels } detected)
            return Html.Empty;
        string what = levels[0].IsObjectness ? "its objectness" : "the score of its best class";
        return Html.Of($"""
            <section class="card levels"><header><h2>Where the boxes come from</h2></header>
            <div class="maps">{Html.Join(levels.Select((level, i) => Figure(level, i, detected, pictures)))}</div>
            <p class="note">Brighter is surer: {what}, on one scale for all levels. Outlined: the cells that made the boxes.</p>
            {Table(detected)}
            </section>
            """);
    }

    private static Html Figure(LevelRecord level, int index, BoxesRecord detected, PagePictures pictures)
    {
        int boxes = detected.Boxes.Count(box => box.Cell?.Level == index);
        string made = boxes switch { 0 => "no box", 1 => "1 box", _ => $"{boxes} boxes" };
        string size = $"{level.Columns} × {level.Rows} cells";
        return Html.Of($"""
            <figure><a href="{PagePictures.AddressOf(level.Picture.File)}"><img src="{pictures.Embedded(level.Picture.File)}" width="{level.Picture.Width}" height="{level.Picture.Height}" alt="level {index + 1} of the head over the picture, {size}, {made}"></a><figcaption>level {index + 1}: {size}, up to {PageText.Short(level.Highest)}, {made}</figcaption></figure>
            """);
    }

    private static Html Table(BoxesRecord detected) => detected.Boxes.Length == 0 ? Html.Empty : Html.Of($"""
        <div class="scrolls" tabindex="0" role="region" aria-label="Level and cell of each box"><table class="sorts"><thead><tr>{Html.Join(
        Titles.Select(title => Html.Of($"""<th scope="col"><button type="button">{title}</button></th>""")))}</tr></thead>
        <tbody>{Html.Join(detected.Boxes.Take(MostBoxes).Select(Row))}</tbody></table></div>
        {More(detected.Boxes.Length - MostBoxes)}
        """);

    private static Html More(int boxes) => boxes <= 0 ? Html.Empty
        : Html.Of($"""<p class="note">{(boxes == 1 ? "1 more box is" : $"{boxes} more boxes are")} in {DumpManifest.FileName}</p>""");

    private static Html Row(BoxRecord box)
    {
        string place = $"{box.X:0}, {box.Y:0} to {box.X + box.Width:0}, {box.Y + box.Height:0}";
        return box.Cell is not { } cell
            ? Html.Of($"<tr><td>{box.Label}</td><td>{PageText.Percent(box.Score)}</td><td></td><td></td><td></td><td>{place}</td></tr>")
            : Html.Of($"""
                <tr><td>{box.Label}</td><td>{PageText.Percent(box.Score)}</td><td>{cell.Level + 1}</td><td>column {cell.Column}, row {cell.Row}</td><td>{cell.Anchor}</td><td>{place}</td></tr>
                """);
    }
}
