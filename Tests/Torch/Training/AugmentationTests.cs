using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;
using Size = OpenCvSharp.Size;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class AugmentationTests
{
    private static readonly Size Four = new(4, 4);
    private static readonly InputSpec Gray = new() { Size = Four, Channels = ChannelOrder.Gray };

    // Ten times its column and forty times its row, so that any interpolated value can be worked out by hand.
    private static byte[] Picture => [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150];

    [TestMethod]
    [DataRow("", new byte[] { 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150 })]
    [DataRow("flip=1", new byte[] { 30, 20, 10, 0, 70, 60, 50, 40, 110, 100, 90, 80, 150, 140, 130, 120 })]
    [DataRow("flip-vertical=1", new byte[] { 120, 130, 140, 150, 80, 90, 100, 110, 40, 50, 60, 70, 0, 10, 20, 30 })]
    [DataRow("flip=1,flip-vertical=1", new byte[] { 150, 140, 130, 120, 110, 100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 0 })]
    [DataRow("flip=0,rotate=0,zoom=0", new byte[] { 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150 })]
    public void Apply_Flips_GivesThePictureWorkedOutByHand(string list, byte[] expected) =>
        CollectionAssert.AreEqual(expected, Applied(list, Gray, Picture, new Random(1)));

    // Places beyond an edge are mirrored; halves are rounded up.
    [TestMethod]
    [DataRow("a quarter turn", 0, -1, 3, 1, 0, 0, new byte[] { 30, 70, 110, 150, 20, 60, 100, 140, 10, 50, 90, 130, 0, 40, 80, 120 })]
    [DataRow("one to the right", 1, 0, -1, 0, 1, 0, new byte[] { 0, 0, 10, 20, 40, 40, 50, 60, 80, 80, 90, 100, 120, 120, 130, 140 })]
    [DataRow("two to the left", 1, 0, 2, 0, 1, 0, new byte[] { 20, 30, 30, 20, 60, 70, 70, 60, 100, 110, 110, 100, 140, 150, 150, 140 })]
    [DataRow("half to the left", 1, 0, 0.5, 0, 1, 0, new byte[] { 5, 15, 25, 30, 45, 55, 65, 70, 85, 95, 105, 110, 125, 135, 145, 150 })]
    [DataRow("enlarged", 0.5, 0, 0.75, 0, 0.5, 0.75, new byte[] { 38, 43, 48, 53, 58, 63, 68, 73, 78, 83, 88, 93, 98, 103, 108, 113 })]
    [DataRow("reduced", 2, 0, -1.5, 0, 2, -1.5, new byte[] { 25, 25, 45, 45, 25, 25, 45, 45, 105, 105, 125, 125, 105, 105, 125, 125 })]
    public void Warp_Map_GivesThePictureWorkedOutByHand(
        string name, double xx, double xy, double x, double yx, double yy, double y, byte[] expected)
    {
        byte[] made = new byte[16];
        Warp.Apply(Picture, made, 1, 4, 4, new AffineMap(xx, xy, x, yx, yy, y));
        CollectionAssert.AreEqual(expected, made, name);
    }

    [TestMethod]
    public void Then_FlipAndShift_ShiftsWhatIsFlipped()
    {
        AffineMap map = AffineMap.About(Four, -1, 0, 0, 1).Then(AffineMap.Identity with { X = -1 });
        byte[] made = new byte[16];
        Warp.Apply(Picture, made, 1, 4, 4, map);
        CollectionAssert.AreEqual(new byte[] { 30, 30, 20, 10 }, made[..4]);
    }

    // The numbers of each map, drawn a thousand times, fill their range and do not leave it.
    [TestMethod]
    public void Place_Draws_FillTheRangesThatAreAskedFor()
    {
        AffineMap[] zoomed = Maps("zoom", 0.5, 0.2), shifted = Maps("translate", 0.3, 0.5), alike = Maps("zoom", 0.5);
        Fills(0.5, 1.5, zoomed.Select(m => m.YY));
        Fills(0.8, 1.2, zoomed.Select(m => m.XX));
        Assert.IsTrue(alike.All(m => m.XX == m.YY));
        Fills(-0.3 * 4, 0.3 * 4, shifted.Select(m => m.Y));
        Fills(-0.5 * 4, 0.5 * 4, shifted.Select(m => m.X));
        Fills(-0.2 * Math.Tau, 0.2 * Math.Tau, Maps("rotate", 0.2).Select(m => Math.Atan2(m.YX, m.XX)));
        Fills(0.25, 1, Maps("crop", 0.25).Select(m => m.XX * m.YY), slack: 0.1);
        foreach (AffineMap crop in Maps("crop", 0.25))
            foreach ((double factor, double shift) in new[] { (crop.XX, crop.X), (crop.YY, crop.Y) })
                Assert.IsTrue(shift - (factor / 2) >= -0.5 - 1e-9 && shift + (factor * 3.5) <= 3.5 + 1e-9, "The crop lies in the picture.");
    }

    [TestMethod]
    public void Contrast_HalfAgain_MovesFromTheMean()
    {
        byte[] pixels = Picture;
        PixelChanges.Contrast(pixels, Gray, [1], new Always(0.75));
        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 0, 8, 23, 38, 53, 68, 83, 98, 113, 128, 143, 158, 173, 188 }, pixels);
    }

    // One pixel (100, 50, 200), three factors of 1.2: brightness (120, 60, 240); contrast about 98.46, its mean brightness:
    // (124.3, 52.3, 268.3); saturation about 98.46: (129.5, 43.1, 302.3).
    [TestMethod]
    [DataRow(ChannelOrder.Rgb, new byte[] { 100, 50, 200 }, new byte[] { 129, 43, 255 })]
    [DataRow(ChannelOrder.Bgr, new byte[] { 200, 50, 100 }, new byte[] { 255, 43, 129 })]
    public void Colour_OnePixel_IsTheColourWorkedOutByHand(ChannelOrder channels, byte[] pixels, byte[] expected)
    {
        PixelChanges.Colour(pixels, new InputSpec { Size = new(1, 1), Channels = channels }, [0.4], new Always(0.75));
        CollectionAssert.AreEqual(expected, pixels);
    }

    // (100, 50, 200): hue 260°, saturation 0.75, value 200. Always 0.75 gives half of the largest change: a sixth of the circle further is
    // 320°, 0.8 of saturation 0.6, 1.2 of value 240: (240, 96, 192) by OpenCV's cvtColor from these three numbers.
    [TestMethod]
    [DataRow(ChannelOrder.Rgb, new byte[] { 100, 50, 200 }, new byte[] { 240, 96, 192 })]
    [DataRow(ChannelOrder.Bgr, new byte[] { 200, 50, 100 }, new byte[] { 192, 96, 240 })]
    public void Hsv_OnePixel_IsTheColourWorkedOutByHand(ChannelOrder channels, byte[] pixels, byte[] expected)
    {
        var spec = new InputSpec { Size = new(1, 1), Channels = channels };
        PixelChanges.Hsv(pixels, spec, [1 / 3.0, -0.4, 0.4], new Always(0.75));
        CollectionAssert.AreEqual(expected, pixels);
    }

    [TestMethod]
    public void Hsv_NoChange_LeavesEveryColour()
    {
        byte[] pixels = new byte[3 * 1000], before;
        new Random(1).NextBytes(pixels);
        before = [.. pixels];
        PixelChanges.Hsv(pixels, new InputSpec { Size = new(1000, 1) }, [0, 0, 0], new Random(1));
        CollectionAssert.AreEqual(before, pixels);
    }

    // About half of the pictures, within four standard errors, lose a full rectangle to their mean.
    [TestMethod]
    public void Erase_ManyPictures_LosesARectangleOfHalfOfThem()
    {
        const int pictures = 400;
        int erased = 0;
        for (int seed = 0; seed < pictures; seed++)
        {
            byte[] made = Applied("erase=0.5", Gray, Picture, new Random(seed));
            int[] changed = [.. Enumerable.Range(0, 16).Where(i => made[i] != Picture[i])];
            if (changed.Length == 0)
                continue;
            erased++;
            Assert.IsTrue(changed.All(i => made[i] == 75));
            int rows = changed.Max(i => i / 4) - changed.Min(i => i / 4) + 1;
            int columns = changed.Max(i => i % 4) - changed.Min(i => i % 4) + 1;
            Assert.AreEqual(rows * columns, changed.Length);
        }

        Assert.AreEqual(pictures / 2, erased, 4 * Math.Sqrt(pictures / 4.0));
    }

    [TestMethod]
    public void Mix_MixUp_AddsBothByTheirShares()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pictures = rand(5, 2, 3, 3);
        MixedPictures mixed = Augmentation.Parse("mixup=0.4").Mix(pictures, new Random(3))!;
        Tensor expected = (pictures * mixed.Share) + (pictures.index_select(0, mixed.Partners) * (1 - mixed.Share));
        Assert.IsLessThan(1e-6, (expected - mixed.Pictures).abs().max().ToDouble());
    }

    [TestMethod]
    public void Mix_CutMix_TakesARectangleAndSharesByItsArea()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pictures = arange(4).to(ScalarType.Float32).view(4, 1, 1, 1).expand(4, 1, 10, 6).contiguous();
        for (int seed = 0; seed < 20; seed++)
        {
            MixedPictures mixed = Augmentation.Parse("cutmix").Mix(pictures, new Random(seed))!;
            Tensor means = mixed.Pictures.mean([1, 2, 3]);
            Tensor expected = (arange(4).to(ScalarType.Float32) * mixed.Share)
                + (mixed.Partners.to(ScalarType.Float32) * (1 - mixed.Share));
            Assert.IsLessThan(1e-5, (means - expected).abs().max().ToDouble());
        }
    }

    // Beta(a, a) has the variance 1 / (4 · (2a + 1)); a sample's of 4,000 draws is within a tenth of it.
    [TestMethod]
    [DataRow(0.2)]
    [DataRow(1.0)]
    [DataRow(2.0)]
    public void Mix_Shares_HaveTheSpreadOfBeta(double alpha)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pictures = zeros(2, 1, 1, 1);
        var random = new Random(5);
        double[] shares = [.. Enumerable.Range(0, 4000).Select(_ => Mixing.MixUp(pictures, alpha, random).Share)];
        double variance = shares.Average(s => (s - 0.5) * (s - 0.5)), expected = 1 / (4 * ((2 * alpha) + 1));
        Assert.AreEqual(expected, variance, 0.1 * expected);
    }

    [TestMethod]
    [DataRow("flop", "the augmentation has 'flop', expected some of flip, flip-vertical, rotate, crop, zoom, translate, colour, contrast, "
        + "hsv, erase, mixup, cutmix, mosaic")]
    [DataRow("flip,rotate=2", "the augmentation has 'rotate=2', expected rotate=0.05, largest share of a full turn, either way, "
        + "from 0 to 1")]
    [DataRow("rotate=0.1:0.2", "the augmentation has 'rotate=0.1:0.2', expected rotate=0.05, largest share of a full turn, either way, "
        + "from 0 to 1")]
    [DataRow("zoom=x", "the augmentation has 'zoom=x', expected zoom=0.2, largest change of the size, from 0 to 0.95, or two such numbers "
        + "HEIGHT:WIDTH")]
    [DataRow("flip,", "the augmentation has '', expected some of flip, flip-vertical, rotate, crop, zoom, translate, colour, contrast, "
        + "hsv, erase, mixup, cutmix, mosaic")]
    public void Parse_BadStep_SaysWhatIsExpected(string list, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => Augmentation.Parse(list)).Message);

    private static byte[] Applied(string list, InputSpec spec, byte[] picture, Random random)
    {
        byte[] made = [.. picture];
        Augmentation.Parse(list).Apply(made, spec, random, new byte[made.Length]);
        return made;
    }

    private static AffineMap[] Maps(string name, params double[] numbers)
    {
        var random = new Random(2);
        AugmentationKind kind = AugmentationTable.Rows.Single(row => row.Name == name);
        return [.. Enumerable.Range(0, 1000).Select(_ => kind.Place!(numbers, Four, random))];
    }

    private static void Fills(double least, double most, IEnumerable<double> numbers, double slack = 0.02)
    {
        double[] drawn = [.. numbers];
        Assert.IsTrue(drawn.Min() >= least - 1e-9 && drawn.Max() <= most + 1e-9, $"{drawn.Min()} to {drawn.Max()}");
        Assert.IsTrue(drawn.Min() < least + (slack * (most - least)) && drawn.Max() > most - (slack * (most - least)),
            $"{drawn.Min()} to {drawn.Max()}");
    }

    /// <summary>Draws one number each time.</summary>
    private sealed class Always(double number) : Random
    {
        public override double NextDouble() => number;
    }
}
