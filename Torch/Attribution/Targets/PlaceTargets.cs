using System.Globalization;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Makes targets of a class at a place of the picture: of a detector's cell, or of a part of a map of classes.</summary>
internal static class PlaceTargets
{
    /// <summary>Reads x,y,w,h=LABEL for a detector.</summary>
    /// <param name="text">Text behind "at:".</param>
    /// <param name="scene">The run, with what was found in it.</param>
    /// <param name="classOf">Gives the index of a class by its name, among as many classes as there are.</param>
    public static AttributionTarget At(string text, TargetScene scene, Func<string, int, int> classOf)
    {
        (Rect2d place, string label) = Parse("at", text);
        if (scene.Detected is not { } detected)
            throw new BadInputException($"target 'at:{text}': the outputs of the model are not known as those of a detector; "
                + "expected region:x,y,w,h=LABEL for a map of classes, or a number of a tensor");
        Rect2d inside = ToInput(place, scene, $"at:{text}");
        BoxOrigin cell = detected.At(inside, classOf(label, int.MaxValue))
            ?? throw new BadInputException($"target 'at:{text}': no cell of the detector makes boxes there");
        return BoxTargets.Of($"{label} at {Short(place)}", cell, null, scene);
    }

    /// <summary>Reads x,y,w,h=LABEL for a map of classes.</summary>
    /// <param name="text">Text behind "region:".</param>
    /// <param name="scene">The run.</param>
    /// <param name="output">The map of classes.</param>
    /// <param name="classOf">Gives the index of a class by its name.</param>
    /// <param name="labels">Names of the classes.</param>
    public static AttributionTarget Region(
        string text, TargetScene scene, ClassOutput output, Func<string, int> classOf, LabelIndex labels)
    {
        (Rect2d place, string label) = Parse("region", text);
        if (output.Map is not var (rows, columns))
            throw new BadInputException($"target 'region:{text}' needs a map of classes [N, C, H, W], "
                + $"'{output.Logits}' is {output.Shape}: one score a class for the whole picture");
        int index = classOf(label);
        Rect2d inside = ToInput(place, scene, $"region:{text}");
        int height = (int)output.Shape[rows], width = (int)output.Shape[columns];
        (int left, int right) = Cells(inside.Left, inside.Right, scene.InputSize.Width, width);
        (int top, int bottom) = Cells(inside.Top, inside.Bottom, scene.InputSize.Height, height);
        (int, int)[] places = [.. from row in Enumerable.Range(top, bottom - top)
                                  from column in Enumerable.Range(left, right - left)
                                  select (row, column)];
        return new AttributionTarget($"{labels.Short(index)} in {Short(place)}",
            $"mean score of {labels.Describe(index)} over rows {top} to {bottom - 1} and columns {left} to {right - 1} {output.Where}",
            ClassTargets.Mean(places, output, index));
    }

    // All cells that the rectangle touches; one at least.
    private static (int From, int To) Cells(double from, double to, int pixels, int cells)
    {
        int first = Math.Clamp((int)Math.Floor(from * cells / pixels), 0, cells - 1);
        return (first, Math.Clamp((int)Math.Ceiling(to * cells / pixels), first + 1, cells));
    }

    private static Rect2d ToInput(Rect2d place, TargetScene scene, string target)
    {
        if (scene.Placement is not { } placement)
            throw new BadInputException($"target '{target}' needs a picture; the input of this run is none");
        (Rect source, Rect goal) = (placement.Source, placement.Target);
        double x = goal.X + (place.X - source.X) * goal.Width / source.Width;
        double y = goal.Y + (place.Y - source.Y) * goal.Height / source.Height;
        var mapped = new Rect2d(x, y, place.Width * goal.Width / source.Width, place.Height * goal.Height / source.Height);
        var filled = new Rect2d(goal.X, goal.Y, goal.Width, goal.Height);
        Rect2d seen = mapped.Intersect(filled).Intersect(new Rect2d(0, 0, scene.InputSize.Width, scene.InputSize.Height));
        if (seen is { Width: > 0, Height: > 0 })
            return seen;
        Rect part = AttributionOverlay.SeenPart(placement, scene.InputSize);
        throw new BadInputException($"target '{target}' lies outside of what the network sees of the picture, x {part.Left} to "
            + $"{part.Right}, y {part.Top} to {part.Bottom}");
    }

    private static (Rect2d Place, string Label) Parse(string form, string text)
    {
        string[] sides = text.Split('=', 2);
        string[] numbers = sides[0].Split(',');
        double[] values = [.. numbers.Select(number =>
            double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN)];
        return sides.Length == 2 && sides[1].Trim().Length > 0 && values.Length == 4 && values.All(double.IsFinite)
            && values[2] > 0 && values[3] > 0
                ? (new Rect2d(values[0], values[1], values[2], values[3]), sides[1].Trim())
                : throw new BadInputException(
                    $"target '{form}:{text}', expected {form}:x,y,w,h=LABEL in pixels of the picture, width and height above 0");
    }

    private static string Short(Rect2d place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.X:0},{place.Y:0},{place.Width:0},{place.Height:0}");
}
