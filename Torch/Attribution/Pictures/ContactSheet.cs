using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Many small pictures in one, with words: a row a method, a column a layer or a target.
/// <code>
/// title
/// remark
///              column     column
/// row         ┌──────┐   ┌──────┐
/// remark      │      │   │      │
///             └──────┘   └──────┘
///              caption    caption
/// </code>
/// </summary>
public sealed class ContactSheet
{
    private const int Margin = 24, Gap = 12, LabelWidth = 196, LineGap = 4, MostLines = 2;

    private static readonly Vec3b Ink = new(28, 24, 22), Soft = new(107, 97, 91), Line = new(226, 230, 230);

    private readonly List<SheetRow> _rows = [];

    /// <summary>First line, in larger letters.</summary>
    public required string Title { get; init; }

    /// <summary>Second line.</summary>
    public string Remark { get; init; } = "";

    /// <summary>Words above the columns, in up to two lines each; empty strings for tiles whose captions name them.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Longer side of a tile in pixels.</summary>
    public int TileSide { get; init; } = 176;

    /// <summary>Number of rows so far.</summary>
    public int Rows => _rows.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="title">Words beside it, such as the name of a method.</param>
    /// <param name="remark">Smaller words below them.</param>
    /// <param name="tiles">A picture and a caption for each column; null for a place that stays empty. The pictures are copied.</param>
    public void Add(string title, string remark, IReadOnlyList<SheetTile?> tiles) =>
        _rows.Add(new SheetRow(title, remark, [.. tiles.Select(tile => tile is null ? null : Fitted(tile))]));

    /// <summary>Draws the sheet and frees its tiles; more rows need another sheet.</summary>
    /// <returns>8UC3; the caller disposes it.</returns>
    public Mat Render()
    {
        FittedTile[] tiles = [.. _rows.SelectMany(row => row.Tiles).OfType<FittedTile>()];
        int tileHeight = tiles.Select(tile => tile.Picture.Rows).DefaultIfEmpty(1).Max();
        int captions = tiles.Select(tile => tile.Caption.Length).DefaultIfEmpty(0).Max() * (TextPainter.Tiny.Height + LineGap);
        string[][] headings = [.. Columns.Select(column => PictureText.Wrap(column, TextPainter.Plain, TileSide, MostLines))];
        int lines = Columns.All(column => column.Length == 0) ? 0 : headings.Max(heading => heading.Length);
        int head = Margin + TextPainter.Title.Height + LineGap + (Remark.Length > 0 ? TextPainter.Plain.Height + LineGap : 0) + Gap;
        int first = head + (lines == 0 ? 0 : lines * TextPainter.Plain.Height + (lines - 1) * LineGap + Gap);
        int step = tileHeight + captions + Gap;
        var sheet = new Mat(first + _rows.Count * step + Margin - Gap,
            2 * Margin + LabelWidth + Columns.Count * (TileSide + Gap) - Gap, MatType.CV_8UC3, Scalar.White);
        int width = sheet.Cols - 2 * Margin;
        PictureText.Write(sheet, Title, TextPainter.Title, new Point(Margin, Margin), Ink, width);
        PictureText.Write(sheet, Remark, TextPainter.Plain, new Point(Margin, Margin + TextPainter.Title.Height + LineGap), Soft, width);
        for (int column = 0; column < Columns.Count; column++)
            WriteLines(sheet, headings[column], TextPainter.Plain, new Point(Left(column), head), TileSide);
        Cv2.Line(sheet, new Point(Margin, first - Gap / 2), new Point(sheet.Cols - Margin, first - Gap / 2),
            new Scalar(Line.Item0, Line.Item1, Line.Item2));
        for (int row = 0; row < _rows.Count; row++)
            DrawRow(sheet, _rows[row], first + row * step);
        foreach (FittedTile tile in tiles)
            tile.Picture.Dispose();
        _rows.Clear();
        return sheet;
    }

    private static void DrawRow(Mat sheet, SheetRow row, int y)
    {
        PictureText.Write(sheet, row.Title, TextPainter.Title, new Point(Margin, y), Ink, LabelWidth - Gap);
        int at = row.Title.Length > 0 ? y + TextPainter.Title.Height + LineGap : y;
        WriteLines(sheet, row.Remark.Split('\n'), TextPainter.Plain, new Point(Margin, at), LabelWidth - Gap);
        for (int column = 0; column < row.Tiles.Count; column++)
        {
            if (row.Tiles[column] is not { } tile)
                continue;
            using (Mat place = sheet.SubMat(new Rect(Left(column, tile.Side), y, tile.Picture.Cols, tile.Picture.Rows)))
                tile.Picture.CopyTo(place);
            var below = new Point(Left(column, tile.Side), y + tile.Picture.Rows + LineGap);
            WriteLines(sheet, tile.Caption, TextPainter.Tiny, below, tile.Side);
        }
    }

    private static void WriteLines(Mat sheet, string[] lines, TextStyle style, Point upperLeft, int width)
    {
        for (int i = 0; i < lines.Length; i++)
            PictureText.Write(sheet, lines[i], style, new Point(upperLeft.X, upperLeft.Y + i * (style.Height + LineGap)), Soft, width);
    }

    private int Left(int column) => Left(column, TileSide);

    private static int Left(int column, int side) => Margin + LabelWidth + column * (side + Gap);

    // Small maps are enlarged in whole cells; pictures are made smaller smoothly.
    private FittedTile Fitted(SheetTile tile)
    {
        double scale = (double)TileSide / Math.Max(tile.Picture.Cols, tile.Picture.Rows);
        var size = new Size(
            Math.Max(1, (int)Math.Round(tile.Picture.Cols * scale)), Math.Max(1, (int)Math.Round(tile.Picture.Rows * scale)));
        var fitted = new Mat();
        Cv2.Resize(tile.Picture, fitted, size, 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Nearest);
        if (fitted.Channels() == 1)
            Cv2.CvtColor(fitted, fitted, ColorConversionCodes.GRAY2BGR);
        return new FittedTile(fitted, tile.Caption.Length == 0 ? [] : PictureText.Wrap(tile.Caption, TextPainter.Tiny, TileSide, MostLines),
            TileSide);
    }

    private sealed record SheetRow(string Title, string Remark, IReadOnlyList<FittedTile?> Tiles);

    private sealed record FittedTile(Mat Picture, string[] Caption, int Side);
}

/// <summary>One small picture of a contact sheet.</summary>
/// <param name="Picture">8UC3 or 8UC1 of any size; stays the caller's.</param>
/// <param name="Caption">Words below it, in lines; a line that is too long becomes two. May be empty.</param>
public sealed record SheetTile(Mat Picture, string Caption);
