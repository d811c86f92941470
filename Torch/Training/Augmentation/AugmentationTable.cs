using CnnOnnx.Imaging;
using OpenCvSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace CnnOnnx.Torch.Training;

/// <summary>A kind of random change: its name, its numbers, and one function of what it does.</summary>
/// <param name="Name">Name in a list of steps.</param>
/// <param name="Meaning">What the number is, in words.</param>
/// <param name="Usual">Number when none is given.</param>
/// <param name="Least">Least number.</param>
/// <param name="Most">Greatest number.</param>
internal sealed record AugmentationKind(string Name, string Meaning, double[] Usual, double Least, double Most)
{
    public const int Colours = 1, Erasures = 2;

    public delegate AffineMap PlaceFunction(double[] numbers, Size size, Random random);

    public delegate void PixelFunction(Span<byte> pixels, InputSpec spec, double[] numbers, Random random);

    public delegate MixedPictures MixFunction(Tensor pictures, double alpha, Random random);

    /// <summary>More than one for a step that takes a number for each of several things.</summary>
    public int MostNumbers { get; init; } = 1;

    /// <summary>Words for these numbers.</summary>
    public string NumberNames { get; init; } = "two such numbers HEIGHT:WIDTH";

    /// <summary>What pictures may be labelled with that are changed so.</summary>
    public LabelKind Labels { get; init; } = LabelKind.Class | LabelKind.Boxes;

    /// <summary>Joins four pictures into one.</summary>
    public bool IsMosaic { get; init; }

    /// <summary>When the pixels are changed: colours before erasures.</summary>
    public int Stage { get; init; }

    /// <summary>Maps places of the result to places of the picture.</summary>
    public PlaceFunction? Place { get; init; }

    /// <summary>Changes pixels where they are.</summary>
    public PixelFunction? Pixels { get; init; }

    /// <summary>Mixes pictures in pairs.</summary>
    public MixFunction? Mix { get; init; }
}

/// <summary>Kinds of labels of a picture.</summary>
[Flags]
internal enum LabelKind
{
    /// <summary>One class.</summary>
    Class = 1,

    /// <summary>Upright boxes, each with a class.</summary>
    Boxes = 2,
}

/// <summary>All steps of an augmentation. This is the list; there is no other.</summary>
internal static class AugmentationTable
{
    public static AugmentationKind[] Rows { get; } =
    [
        new("flip", "chance of left for right", [0.5], 0, 1)
        { Place = (n, size, random) => random.NextDouble() < n[0] ? AffineMap.About(size, -1, 0, 0, 1) : AffineMap.Identity },
        new("flip-vertical", "chance of top for bottom", [0.5], 0, 1)
        { Place = (n, size, random) => random.NextDouble() < n[0] ? AffineMap.About(size, 1, 0, 0, -1) : AffineMap.Identity },
        new("rotate", "largest share of a full turn, either way", [0.05], 0, 1)
        { Place = Rotate, Labels = LabelKind.Class },
        new("crop", "smallest share of the area that is left, scaled up again", [0.5], 0.01, 1) { Place = Crop },
        new("zoom", "largest change of the size", [0.2], 0, 0.95) { Place = Zoom, MostNumbers = 2 },
        new("translate", "largest shift as a share of the side", [0.1], 0, 1) { Place = Translate, MostNumbers = 2 },
        new("colour", "largest change of brightness, contrast and saturation", [0.3], 0, 1)
        { Pixels = PixelChanges.Colour, Stage = AugmentationKind.Colours },
        new("contrast", "largest change of the distance from each channel's mean", [0.3], 0, 1)
        { Pixels = PixelChanges.Contrast, Stage = AugmentationKind.Colours },
        new("hsv", "largest change of hue, saturation and value", [0.015, 0.7, 0.4], 0, 1)
        {
            Pixels = PixelChanges.Hsv, Stage = AugmentationKind.Colours, MostNumbers = 3,
            NumberNames = "a number each, HUE:SATURATION:VALUE, of hue as a share of the circle",
        },
        new("erase", "largest share of the area that half of the pictures lose", [0.3], 0.02, 1)
        { Pixels = PixelChanges.Erase, Stage = AugmentationKind.Erasures, Labels = LabelKind.Class },
        new("mixup", "alpha of the Beta distribution of the shares", [0.2], 0.1, 4) { Mix = Mixing.MixUp, Labels = LabelKind.Class },
        new("cutmix", "alpha of the Beta distribution of the shares", [1], 0.1, 4) { Mix = Mixing.CutMix, Labels = LabelKind.Class },
        new("mosaic", "chance of four pictures in one", [1], 0, 1) { IsMosaic = true, Labels = LabelKind.Boxes },
    ];

    // Counter-clockwise for positive angles; rows count downwards.
    private static AffineMap Rotate(double[] numbers, Size size, Random random)
    {
        double angle = Symmetric(random, numbers[0]) * Math.Tau, cos = Math.Cos(angle), sin = Math.Sin(angle);
        return AffineMap.About(size, cos, -sin, sin, cos);
    }

    // Of one number the picture keeps its proportions.
    private static AffineMap Zoom(double[] numbers, Size size, Random random)
    {
        double height = 1 + Symmetric(random, numbers[0]), width = numbers.Length == 1 ? height : 1 + Symmetric(random, numbers[1]);
        return AffineMap.About(size, width, 0, 0, height);
    }

    private static AffineMap Translate(double[] numbers, Size size, Random random) => AffineMap.Identity with
    {
        Y = -Symmetric(random, numbers[0]) * size.Height,
        X = -Symmetric(random, numbers[^1]) * size.Width,
    };

    // The area and its proportions as torchvision's RandomResizedCrop draws them; what would reach beyond the picture is cut off.
    private static AffineMap Crop(double[] numbers, Size size, Random random)
    {
        double area = Between(random, numbers[0], 1), stretch = Math.Exp(Between(random, Math.Log(3.0 / 4), Math.Log(4.0 / 3)));
        double width = Math.Min(1, Math.Sqrt(area * stretch)), height = Math.Min(1, Math.Sqrt(area / stretch));
        double left = random.NextDouble() * (1 - width) * size.Width, top = random.NextDouble() * (1 - height) * size.Height;
        return new AffineMap(width, 0, left + ((width - 1) / 2), 0, height, top + ((height - 1) / 2));
    }

    private static double Symmetric(Random random, double most) => Between(random, -most, most);

    private static double Between(Random random, double least, double most) => least + ((most - least) * random.NextDouble());
}
