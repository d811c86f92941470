using System.Globalization;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Makes targets of the boxes of a detector: the elements of the cell that made a box, found back through its choice.</summary>
internal static class BoxTargets
{
    private static readonly Dictionary<BoxPart, string> Words = new()
    {
        [BoxPart.Cls] = "class score",
        [BoxPart.Obj] = "objectness",
        [BoxPart.X] = "x",
        [BoxPart.Y] = "y",
        [BoxPart.W] = "width",
        [BoxPart.H] = "height",
    };

    /// <summary>Reads K, K.part, all or all.part.</summary>
    /// <param name="text">Text behind "box:".</param>
    /// <param name="scene">The run, with what was found in it.</param>
    public static IReadOnlyList<AttributionTarget> Of(string text, TargetScene scene)
    {
        if (scene.Detected is not { } detected)
            throw new BadInputException($"target 'box:{text}': the outputs of the model are not known as those of a detector; "
                + "expected a number of a tensor, such as output[0,4,100]");
        string[] parts = text.Split('.', 2);
        BoxPart? part = parts.Length == 1 ? null : PartOf(parts[1], text);
        if (parts[0].Equals("all", StringComparison.OrdinalIgnoreCase))
            return detected.Boxes.Count > 0 ? [.. Enumerable.Range(0, detected.Boxes.Count).Select(k => One(k, part, scene, detected))]
                : throw NoBoxes($"box:{text}");
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            throw new BadInputException($"target 'box:{text}', expected box:K or box:all, and a part .x .y .w .h .obj .cls or none");
        if (index >= detected.Boxes.Count)
            throw detected.Boxes.Count == 0 ? NoBoxes($"box:{text}") : new BadInputException(
                $"target 'box:{text}' is out of range: {detected.Boxes.Count} boxes came out, expected box:0 to "
                    + $"box:{detected.Boxes.Count - 1}");
        return [One(index, part, scene, detected)];
    }

    /// <summary>Describes a part of a cell and makes its elements the target.</summary>
    /// <param name="title">Name of the target.</param>
    /// <param name="found">The box, or the cell where none came out.</param>
    /// <param name="part">The part; null for class score and objectness together.</param>
    /// <param name="scene">The run.</param>
    public static AttributionTarget Of(string title, BoxOrigin found, BoxPart? part, TargetScene scene)
    {
        BoxPart[] parts = part is { } one ? [one] : [.. new[] { BoxPart.Cls, BoxPart.Obj }.Where(found.Parts.ContainsKey)];
        if (parts.FirstOrDefault(wanted => !found.Parts.ContainsKey(wanted), (BoxPart)(-1)) is var missing && (int)missing >= 0)
            throw new BadInputException($"target '{title}': this detector has no {Words[missing]}; its boxes have "
                + string.Join(", ", found.Parts.Keys.Order().Select(known => Words[known])));
        var trace = new ElementTrace(scene);
        List<TargetTerm> terms = [];
        List<string> words = [], traces = [];
        foreach (BoxPart wanted in parts)
        {
            TracedElement[] elements = [.. found.Parts[wanted].Select(term =>
                trace.Back(term, throughScores: wanted is BoxPart.Cls or BoxPart.Obj))];
            terms.AddRange(elements.Select(element => element.Term));
            words.Add($"{Words[wanted]} {string.Join(" + ", elements.Select(element => element.Place))}");
            if (elements[0].HasMoved)
                traces.Add($"{Words[wanted]}{elements[0].Words}");
        }

        return new AttributionTarget(title, string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(" + ", words)}, of '{found.Label}' {found.Score:0.00} at {Rectangle(found)}"), terms)
        {
            Trace = traces.Count > 0 ? string.Join("; ", traces) : null,
        };
    }

    /// <summary>The surest box of a class.</summary>
    /// <param name="label">Name of the class, as boxes have it.</param>
    /// <param name="scene">The run.</param>
    /// <param name="detected">Boxes of the run.</param>
    public static AttributionTarget OfClass(string label, TargetScene scene, DetectedScene detected)
    {
        int index = detected.Boxes.ToList().FindIndex(box => box.Label.Equals(label, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? One(index, null, scene, detected)
            : throw new BadInputException($"target '{label}': no box of it came out of this picture, "
                + (detected.Boxes.Count == 0 ? "nor any other"
                    : $"only {string.Join(", ", detected.Boxes.Select(box => box.Label).Distinct())}")
                + $"; at:x,y,w,h={label} explains it at a place");
    }

    /// <summary>The surest box.</summary>
    /// <param name="scene">The run.</param>
    /// <param name="detected">Boxes of the run.</param>
    public static AttributionTarget Surest(TargetScene scene, DetectedScene detected) =>
        detected.Boxes.Count > 0 ? One(0, null, scene, detected) : throw NoBoxes("top");

    private static AttributionTarget One(int index, BoxPart? part, TargetScene scene, DetectedScene detected)
    {
        string suffix = part is { } one ? $".{one.ToString().ToLowerInvariant()}" : "";
        BoxOrigin box = detected.Boxes[index];
        return Of(string.Create(CultureInfo.InvariantCulture, $"box {index}{suffix} {box.Label}"), box, part, scene);
    }

    private static string Rectangle(BoxOrigin found) => string.Create(CultureInfo.InvariantCulture,
        $"{found.Place.X:0},{found.Place.Y:0} {found.Place.Width:0}×{found.Place.Height:0}");

    private static BoxPart PartOf(string text, string whole) => Enum.TryParse(text, ignoreCase: true, out BoxPart part)
        && Enum.IsDefined(part) && !char.IsAsciiDigit(text[0]) ? part
        : throw new BadInputException($"target 'box:{whole}': '{text}' is no part of a box, expected x, y, w, h, obj or cls");

    private static BadInputException NoBoxes(string target) => new($"target '{target}': no box came out of this picture; "
        + "at:x,y,w,h=LABEL explains a class at a place where none did");
}
