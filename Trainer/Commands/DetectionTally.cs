using CnnOnnx.Detection;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Counts what was found, for the last lines of the command.</summary>
internal sealed class DetectionTally(IReadOnlyList<string> labels)
{
    private const int MostLines = 10, MostBoxes = 6;

    private readonly Dictionary<string, int> _classes = [];

    /// <summary>A line for each of the first pictures.</summary>
    public List<string> Lines { get; } = [];

    public int Pictures { get; private set; }

    public int Boxes { get; private set; }

    public int Faults { get; private set; }

    public string? FirstFault { get; private set; }

    public double Milliseconds { get; private set; }

    /// <summary>Classes by how often they were found, the most frequent first.</summary>
    public IReadOnlyList<(string Label, int Count)> Classes =>
        [.. _classes.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, c.Value))];

    public void Add(DetectedInput input)
    {
        if (input.Found is not { } found)
        {
            Faults++;
            FirstFault ??= input.Fault;
            return;
        }

        Pictures++;
        Boxes += found.Boxes.Length;
        Milliseconds += input.Milliseconds;
        foreach (DetectedBox box in found.Boxes)
            _classes[box.Label] = _classes.GetValueOrDefault(box.Label) + 1;
        if (Lines.Count < MostLines)
            Lines.Add($"{input.Input.Item.Path}: {Told(found)}");
    }

    private string Told(Detections found)
    {
        if (found.Boxes.IsEmpty)
            return "nothing found";
        // One class needs no name before each score.
        string[] told = [.. found.Boxes.Take(MostBoxes).Select(box =>
            labels.Count == 1 ? $"{box.Score:0.00}" : $"{box.Label} {box.Score:0.00}")];
        string more = found.Boxes.Length > MostBoxes ? $", … {found.Boxes.Length} in all" : "";
        return (labels.Count == 1 ? $"{found.Boxes.Length} × {labels[0]} " : "") + string.Join(", ", told) + more;
    }
}
