using CnnOnnx.Torch.Training;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>The wrong answers that a network is surest of: each picture with what it says, how sure it is, and what is true.</summary>
internal static class MistakeSheet
{
    private const int Columns = 6, TileSide = 112, Gap = 14, Margin = 18, TitleSize = 15, FontSize = 12, LineHeight = 17, Lines = 2;

    // Room for a title where tiles are small.
    private const int LeastWidth = 700, LeastTile = 112, Between = 4;

    /// <summary>The figure as a PNG file's bytes; without any wrong answer it says so.</summary>
    /// <param name="title">Name of the model.</param>
    /// <param name="score">What was measured.</param>
    /// <param name="pictures">The pictures that were measured.</param>
    public static byte[] Draw(string title, Score score, BatchSource pictures)
    {
        using var tiles = new PictureTiles(pictures.Spec, TileSide);
        int shown = score.Mistakes.Count, wide = Math.Max(LeastTile, tiles.Width), high = tiles.Height + (Lines * LineHeight) + 6;
        int rows = (shown + Columns - 1) / Columns, columns = Math.Clamp(shown, 1, Columns);
        int width = Math.Max(LeastWidth, (2 * Margin) + (columns * (wide + Gap)) - Gap), head = Margin + TitleSize + LineHeight + Gap;
        using SKSurface surface = SKSurface.Create(
            new SKImageInfo(width, head + (rows == 0 ? 0 : (rows * (high + Gap)) - Gap + Margin)));
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(SKColor.Parse(FigureStyle.Ground.ToHex()));
        using SKTypeface plain = FigureFont.Open(), bold = FigureFont.Open(isBold: true);
        using SKFont heading = new(bold, TitleSize), name = new(bold, FontSize), words = new(plain, FontSize);
        using SKPaint ink = Paint(FigureStyle.Ink), soft = Paint(FigureStyle.Soft), wrong = Paint(FigureStyle.Validation);
        string told = PictureTiles.Fitting(Title(title, score), heading, width - (2 * Margin));
        canvas.DrawText(told, Margin, Margin + TitleSize - 3, heading, ink);
        canvas.DrawText(shown == 0 ? "Nothing to show." : "What the network says and how sure it is; "
            + "below it the actual class, and the share of that.",
            Margin, Margin + TitleSize + LineHeight, words, soft);
        for (int i = 0; i < shown; i++)
        {
            Mistake mistake = score.Mistakes[i];
            float left = Margin + (i % Columns * (wide + Gap)), top = head + (i / Columns * (high + Gap));
            tiles.Draw(canvas, pictures.Bytes(mistake.Picture), left, top);
            float line = top + tiles.Height + LineHeight;
            Write(score.Labels[mistake.Predicted], mistake.Confidence, line, name, wrong);
            Write($"is {score.Labels[mistake.Actual]}", mistake.OfActual, line + LineHeight, words, ink);

            // The share at the right edge, the name in the room that it leaves.
            void Write(string text, double share, float y, SKFont font, SKPaint paint)
            {
                string number = Percent(share);
                float room = wide - words.MeasureText(number) - Between;
                canvas.DrawText(PictureTiles.Fitting(text, font, room), left, y, font, paint);
                canvas.DrawText(number, left + wide, y, SKTextAlign.Right, words, paint);
            }
        }

        using SKImage sheet = surface.Snapshot();
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static string Title(string title, Score score)
    {
        long wrong = score.Confusion.Total - (long)Math.Round(score.Accuracy * score.Confusion.Total);
        return wrong == 0 ? $"{title}: all of {score.Confusion.Total:N0} are right"
            : score.Mistakes.Count < wrong ? $"{title}: the {score.Mistakes.Count} surest of {wrong:N0} wrong answers"
            : $"{title}: {wrong:N0} of {score.Confusion.Total:N0} wrong";
    }

    // No share that is rounded to all or nothing.
    private static string Percent(double share) =>
        share is > 0.9995 and < 1 ? "> 99.9 %" : share is > 0 and < 0.0005 ? "< 0.1 %" : $"{100 * share:0.0} %";

    private static SKPaint Paint(ScottPlot.Color color) => new() { Color = SKColor.Parse(color.ToHex()), IsAntialias = true };
}
