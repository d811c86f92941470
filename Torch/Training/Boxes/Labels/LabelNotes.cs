using System.Globalization;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Checks the boxes of a set as they are read, and gathers what is wrong with them, a line each that names file and place. A box that
/// reaches beyond its picture is cut off at the edge; one that cannot be used is left out; a set with many of these is refused.
/// </summary>
internal sealed class LabelNotes
{
    // Share of all boxes that may be of no use before the set is refused.
    private const double MostUseless = 0.1;

    // Labels are rounded, and some programs count pixels from 1.
    private const double Slack = 1;

    private readonly List<string> _lines = [];
    private readonly List<string> _useless = [];
    private readonly List<string> _withoutLabels = [];
    private int _boxes, _pictures;

    /// <summary>All lines: first what concerns many pictures, then box by box.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            List<string> lines = [];
            if (_withoutLabels.Count > 0)
                lines.Add($"{_withoutLabels.Count} of {_pictures} pictures have no labels and count as pictures without objects; the "
                    + $"first: {_withoutLabels[0]}");
            lines.AddRange(_lines);
            return lines;
        }
    }

    /// <summary>Counts a picture.</summary>
    /// <param name="path">The picture's file.</param>
    /// <param name="hasLabels">False where nothing says what is in it.</param>
    public void Add(string path, bool hasLabels)
    {
        _pictures++;
        if (!hasLabels)
            _withoutLabels.Add(path);
    }

    /// <summary>Notes something that needs no refusal.</summary>
    /// <param name="line">One line, which names its file.</param>
    public void Tell(string line) => _lines.Add(line);

    /// <summary>Notes a picture that cannot be used at all.</summary>
    /// <param name="line">One line, which names its file.</param>
    public void LeaveOut(string line) => _lines.Add($"left out: {line}");

    /// <summary>Notes a box that cannot be used.</summary>
    /// <param name="where">File and place in it.</param>
    /// <param name="fault">What was got and expected.</param>
    public void Refuse(string where, string fault)
    {
        _boxes++;
        string line = $"{where}: {fault}; the box is left out";
        _useless.Add(line);
        _lines.Add(line);
    }

    /// <summary>Checks a box; null for one that is left out.</summary>
    /// <param name="where">File and place in it.</param>
    /// <param name="index">Index of the class.</param>
    /// <param name="box">Left, top, width and height in pixels.</param>
    /// <param name="picture">Width and height of the picture.</param>
    /// <param name="classes">Number of the classes.</param>
    public LabelledBox? Check(string where, int index, Rect2d box, Size picture, int classes)
    {
        if (index < 0 || index >= classes)
            Refuse(where, $"class {index}, expected 0 to {classes - 1}");
        else if (!double.IsFinite(box.X + box.Y + box.Width + box.Height))
            Refuse(where, $"{Text(box)} is no box, expected finite numbers");
        else if (box.Width <= 0 || box.Height <= 0)
            Refuse(where, $"the box is {Number(box.Width)}x{Number(box.Height)}, expected an area");
        else if (Within(box, picture) is not { } within)
            Refuse(where, $"the box {Text(box)} lies outside of the picture, which is {picture.Width}x{picture.Height}");
        else
        {
            _boxes++;
            if (Math.Max(Math.Max(-box.Left, -box.Top), Math.Max(box.Right - picture.Width, box.Bottom - picture.Height)) > Slack)
                _lines.Add($"{where}: the box {Text(box)} reaches beyond the picture, which is {picture.Width}x{picture.Height}; "
                    + "it is cut off at the edge");
            return new LabelledBox(index, (float)within.X, (float)within.Y, (float)within.Width, (float)within.Height);
        }

        return null;
    }

    /// <summary>Refuses a set of which too many boxes are of no use.</summary>
    /// <param name="folder">The set.</param>
    /// <exception cref="BadInputException">They are; names the first.</exception>
    public void RequireMostUseful(string folder)
    {
        if (_useless.Count > MostUseless * _boxes)
            throw new BadInputException($"{folder}: {_useless.Count} of {_boxes} boxes cannot be used, expected at most {MostUseless:P0}; "
                + $"the first: {_useless[0]}");
    }

    private static Rect2d? Within(Rect2d box, Size picture)
    {
        double left = Math.Max(0, box.Left), top = Math.Max(0, box.Top);
        double width = Math.Min(picture.Width, box.Right) - left, height = Math.Min(picture.Height, box.Bottom) - top;
        return width > 0 && height > 0 ? new Rect2d(left, top, width, height) : null;
    }

    private static string Text(Rect2d box) =>
        $"{Number(box.Left)},{Number(box.Top)} to {Number(box.Right)},{Number(box.Bottom)}";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
