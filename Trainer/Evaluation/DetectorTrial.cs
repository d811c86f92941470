using CnnOnnx.Detection;
using CnnOnnx.Inputs;
using CnnOnnx.Torch.Training;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Evaluation;

/// <summary>What a detector has found in the pictures of a data set, beside what is there.</summary>
/// <param name="Truths">Boxes that are there; pictures are numbered from 1 by their place, categories from 1 by their index.</param>
/// <param name="Found">Boxes that were found, those of low scores too.</param>
/// <param name="Pictures">Pictures that were looked at, by their numbers.</param>
/// <param name="Unreadable">Pictures that were not, with reasons.</param>
/// <param name="Milliseconds">Time of the network for all pictures.</param>
internal sealed record DetectorTrial(
    IReadOnlyList<TruthBox> Truths, IReadOnlyList<ScoredBox> Found, IReadOnlyDictionary<long, BoxPicture> Pictures,
    IReadOnlyList<string> Unreadable, double Milliseconds)
{
    /// <summary>Lets a detector look at all pictures of a part.</summary>
    /// <param name="detector">The detector, with a low threshold.</param>
    /// <param name="part">Pictures with boxes.</param>
    /// <param name="classes">Which of its classes are which of the set's.</param>
    /// <param name="batch">Pictures in a run, as far as the model takes so many.</param>
    /// <param name="progress">Told of each picture.</param>
    /// <exception cref="BadInputException">Too many pictures cannot be read.</exception>
    public static DetectorTrial Run(Detector detector, BoxSetPart part, DetectorClasses classes, int batch, Action progress,
        CancellationToken cancel)
    {
        var truths = new List<TruthBox>();
        var found = new List<ScoredBox>();
        var pictures = new Dictionary<long, BoxPicture>();
        var unreadable = new List<string>();
        double milliseconds = 0;
        int place = 0;
        foreach (DetectedInput input in detector.Walk(part.Pictures.Select(Item), batch, cancel))
        {
            BoxPicture picture = part.Pictures[place++];
            progress();
            if (input.Found is not { } seen)
            {
                unreadable.Add(input.Fault!);
                if (BatchSource.TooMany(unreadable, part.Pictures.Length) is { } problem)
                    throw new BadInputException(problem);
                continue;
            }

            if (seen.Picture != picture.Size)
                throw new BadInputException($"{picture.Path}: is {seen.Picture.Width}x{seen.Picture.Height}, its labels are for "
                    + $"{picture.Size.Width}x{picture.Size.Height}; expected the same size");
            pictures.Add(place, picture);
            milliseconds += input.Milliseconds;
            truths.AddRange(TruthsOf(picture, place).Where(t => classes.IsMeasured[t.Category - 1]));
            foreach (DetectedBox box in seen.Boxes)
                if ((classes.ClassOf is { } classOf ? classOf[box.Class] : box.Class) is >= 0 and var category
                    && category < part.Classes.Length)
                    found.Add(new ScoredBox(place, category + 1, box.Box, box.Score));
        }

        return new DetectorTrial(truths, found, pictures, unreadable, milliseconds);
    }

    private static IEnumerable<TruthBox> TruthsOf(BoxPicture picture, int number)
    {
        for (int i = 0; i < picture.Boxes.Length; i++)
            yield return Truth(picture.Boxes[i], number, picture.Areas?[i], isCrowd: false);
        foreach (LabelledBox box in picture.Ignored)
            yield return Truth(box, number, null, isCrowd: true);
    }

    private static TruthBox Truth(LabelledBox box, int number, double? area, bool isCrowd) => new(number, box.Class + 1,
        new Rect2d(box.X, box.Y, box.Width, box.Height), area ?? ((double)box.Width * box.Height), isCrowd);

    private static InputItem Item(BoxPicture picture) =>
        new(picture.Path, Path.GetFileNameWithoutExtension(picture.Path), picture.Path, () => ModelInput.Read(picture.Path));
}
