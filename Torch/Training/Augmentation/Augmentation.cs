using System.Globalization;
using CnnOnnx.Imaging;
using OpenCvSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Random changes of pictures to learn from, as a list of steps with numbers: "flip,rotate=0.1,zoom=0.5:0.2,erase". Steps of a place
/// (flip, rotate, crop …) become one map and one interpolation, in the order of the list; then come colours, then what is erased,
/// and last what mixes the pictures of a batch. Immutable; for any number of threads.
/// </summary>
internal sealed class Augmentation
{
    private readonly (AugmentationKind Kind, double[] Numbers)[] _steps;

    private Augmentation((AugmentationKind Kind, double[] Numbers)[] steps) => _steps = steps;

    /// <summary>No change.</summary>
    public static Augmentation None { get; } = new([]);

    /// <summary>True when pictures stay as they are, alone and in a batch.</summary>
    public bool IsEmpty => _steps.Length == 0;

    /// <summary>Reads a list of steps; empty for none.</summary>
    /// <exception cref="BadInputException">A step that there is not, or a number out of its range.</exception>
    public static Augmentation Parse(string list) => list.Length == 0 ? None : new([.. list.Split(',').Select(Step)]);

    /// <summary>Chance 0..1 that a picture is joined with three others; 0 without such a step.</summary>
    public double MosaicShare => _steps.Where(step => step.Kind.IsMosaic).Select(step => step.Numbers[0]).FirstOrDefault();

    /// <summary>Refuses steps that do not fit what pictures are labelled with; gives the list itself.</summary>
    /// <exception cref="BadInputException">A step that is of no use for such labels; the message names those that are.</exception>
    public Augmentation CheckedFor(LabelKind labels)
    {
        foreach ((AugmentationKind kind, _) in _steps)
            if (!kind.Labels.HasFlag(labels))
                throw new BadInputException($"the augmentation has '{kind.Name}', which does not work on pictures that are labelled with "
                    + $"{(labels == LabelKind.Boxes ? "boxes" : "a class")}; expected some of "
                    + string.Join(", ", AugmentationTable.Rows.Where(row => row.Labels.HasFlag(labels)).Select(row => row.Name)));
        return this;
    }

    /// <summary>Changes one picture.</summary>
    /// <param name="pixels">Bytes C·H·W, changed in place.</param>
    /// <param name="spec">Size and channels.</param>
    /// <param name="random">Random numbers of the picture's own.</param>
    /// <param name="scratch">Room for another such picture, for this call.</param>
    public void Apply(Span<byte> pixels, InputSpec spec, Random random, Span<byte> scratch)
    {
        AffineMap map = Place(spec.Size, random);
        if (map != AffineMap.Identity)
        {
            pixels.CopyTo(scratch);
            Warp.Apply(scratch[..pixels.Length], pixels, spec.ChannelCount, spec.Height, spec.Width, map);
        }

        ChangePixels(pixels, spec, random);
    }

    /// <summary>Where each pixel of a changed picture comes from: all steps of a place in one map.</summary>
    public AffineMap Place(Size size, Random random)
    {
        AffineMap map = AffineMap.Identity;
        foreach ((AugmentationKind kind, double[] numbers) in _steps)
            if (kind.Place is { } place)
                map = map.Then(place(numbers, size, random));
        return map;
    }

    /// <summary>Changes the colours of one picture, then erases of it.</summary>
    /// <inheritdoc cref="Apply"/>
    public void ChangePixels(Span<byte> pixels, InputSpec spec, Random random)
    {
        foreach (int stage in new[] { AugmentationKind.Colours, AugmentationKind.Erasures })
            foreach ((AugmentationKind kind, double[] numbers) in _steps)
                if (kind.Stage == stage)
                    kind.Pixels!(pixels, spec, numbers, random);
    }

    /// <summary>Mixes the pictures of a batch in pairs, by one of the steps that do so; null where there is none.</summary>
    /// <param name="pictures">[N, C, H, W]; stays as it is.</param>
    /// <param name="random">Random numbers of the batch's own.</param>
    /// <returns>The caller disposes its tensors, or its scope does.</returns>
    public MixedPictures? Mix(Tensor pictures, Random random)
    {
        (AugmentationKind Kind, double[] Numbers)[] mixing = [.. _steps.Where(s => s.Kind.Mix is not null)];
        if (mixing.Length == 0)
            return null;
        (AugmentationKind kind, double[] numbers) = mixing[random.Next(mixing.Length)];
        return kind.Mix!(pictures, numbers[0], random);
    }

    private static (AugmentationKind, double[]) Step(string text)
    {
        string[] parts = text.Trim().Split('=', 2);
        AugmentationKind kind = Array.Find(AugmentationTable.Rows, row => row.Name == parts[0])
            ?? throw new BadInputException($"the augmentation has '{parts[0]}', expected some of "
                + $"{string.Join(", ", AugmentationTable.Rows.Select(row => row.Name))}");
        if (parts.Length == 1)
            return (kind, kind.Usual);
        string[] texts = parts[1].Split(':');
        double[] numbers = [.. texts.Select(t =>
            double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
        return numbers.Length <= kind.MostNumbers && numbers.All(n => n >= kind.Least && n <= kind.Most)
            ? (kind, numbers)
            : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"the augmentation has '{text.Trim()}', expected "
                + $"{kind.Name}={kind.Usual[0]}, {kind.Meaning}, from {kind.Least} to {kind.Most}")
                + (kind.MostNumbers > 1 ? $", or {kind.NumberNames}" : ""));
    }
}

/// <summary>A batch whose pictures are each mixed with another one of it.</summary>
/// <param name="Pictures">[N, C, H, W].</param>
/// <param name="Partners">Index of the other picture for each, [N] int64.</param>
/// <param name="Share">Share 0..1 that each picture has of the result; its partner has the rest.</param>
internal sealed record MixedPictures(Tensor Pictures, Tensor Partners, double Share);
