using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using OpenCvSharp;

namespace CnnOnnx.Tests.Boxes;

/// <summary>Marks in pictures, changed, and found again by their pixels: the boxes have to be where the marks are.</summary>
[TestClass]
public sealed class BoxAugmentationTests
{
    private const int Side = 128, Seeds = 40;

    private static readonly Size[] Sizes = [new(90, 60), new(60, 90), new(300, 200), new(128, 128)];

    // One mark a picture, away from the edges, so that marks of neighbours in a mosaic do not touch.
    private static readonly (Rect Mark, Scalar Colour)[] Marks =
    [
        (new Rect(30, 20, 31, 17), new Scalar(0, 0, 230)), (new Rect(15, 30, 21, 33), new Scalar(230, 40, 0)),
        (new Rect(100, 60, 110, 71), new Scalar(0, 210, 20)), (new Rect(40, 41, 40, 52), new Scalar(200, 0, 200)),
    ];

    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void Draw()
    {
        for (int i = 0; i < Sizes.Length; i++)
        {
            using var picture = new Mat(Sizes[i], MatType.CV_8UC3, Scalar.All(128));
            Cv2.Rectangle(picture, Marks[i].Mark, Marks[i].Colour, -1);
            PictureFile.Write(_folder.File($"{i}.png"), picture);
        }
    }

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    [DataRow("")]
    [DataRow("flip=1")]
    [DataRow("flip-vertical=1")]
    [DataRow("zoom=0.5")]
    [DataRow("zoom=0.3:0.6")]
    [DataRow("translate=0.3")]
    [DataRow("crop=0.3")]
    [DataRow("hsv=0.1:0.3:0.3")]
    [DataRow("colour=0.2")]
    [DataRow("contrast=0.3")]
    [DataRow("mosaic")]
    [DataRow("mosaic=0.5,flip,flip-vertical,zoom=0.5,translate=0.2,hsv=0.1:0.3:0.3")]
    public void Sample_Marks_AreWhereTheBoxesAre(string list)
    {
        foreach (ResizeMode resize in new[] { ResizeMode.Letterbox, ResizeMode.Stretch, ResizeMode.Crop })
        {
            using BoxSource source = Open(resize, list);
            int boxes = 0;
            for (int seed = 0; seed < Seeds; seed++)
                boxes += Check(source, seed % Sizes.Length, seed, $"{list} {resize} {seed}");
            Assert.IsGreaterThan(Seeds / 3, boxes, "Most boxes are still there.");
        }
    }

    // 60 of 128 pixels wide are to be seen of a box that reaches 68 beyond the left edge; in 1 of 10 parts of it a thing is not known.
    [TestMethod]
    [DataRow(-68, 0, "0: 0 0 60 128")]
    [DataRow(-115, 0, "0: 0 0 13 128")]
    [DataRow(-116, 0, "")]
    [DataRow(0, 126, "")]
    [DataRow(300, 0, "")]
    public void Moved_CutOffBox_StaysWithATenthOfItsArea(int x, int y, string expected)
    {
        var tile = new BoxTile(0, new Rect(0, 0, 64, 64), new Rect(x, y, 128, 128));
        LabelledBox? moved = tile.Moved(new LabelledBox(0, 0, 0, 64, 64), new Size(128, 128));
        Assert.AreEqual(expected, BoxSets.Text(moved is { } box ? [box] : []));
    }

    [TestMethod]
    public void Moved_TinyBox_IsDropped()
    {
        var tile = new BoxTile(0, new Rect(0, 0, 100, 100), new Rect(0, 0, 50, 50), IsMirrored: true);
        Assert.IsNull(tile.Moved(new LabelledBox(0, 10, 10, 3.9f, 40), new Size(50, 50)));
        Assert.AreEqual("2: 40 5 5 20",
            BoxSets.Text([tile.Moved(new LabelledBox(2, 10, 10, 10, 40), new Size(50, 50))!.Value]));
    }

    [TestMethod]
    [DataRow("rotate", true)]
    [DataRow("flip,cutmix", true)]
    [DataRow("mosaic", false)]
    public void Augmentation_StepOfTheOtherKind_IsRefused(string list, bool hasBoxes)
    {
        var augmentation = Augmentation.Parse(list);
        string message = Assert.ThrowsExactly<BadInputException>(() =>
            augmentation.CheckedFor(hasBoxes ? LabelKind.Boxes : LabelKind.Class)).Message;
        Assert.AreEqual($"the augmentation has '{list.Split(',')[^1]}', which does not work on pictures that are labelled with "
            + (hasBoxes ? "boxes; expected some of flip, flip-vertical, crop, zoom, translate, colour, contrast, hsv, mosaic"
                : "a class; expected some of flip, flip-vertical, rotate, crop, zoom, translate, colour, contrast, hsv, erase, mixup, "
                    + "cutmix"),
            message);
        if (hasBoxes)
            Assert.ThrowsExactly<BadInputException>(() => Open(ResizeMode.Letterbox, list));
    }

    private BoxSource Open(ResizeMode resize, string list)
    {
        BoxPicture[] pictures = [.. Sizes.Select((size, i) => new BoxPicture(_folder.File($"{i}.png"), size,
            [new LabelledBox(i, Marks[i].Mark.X, Marks[i].Mark.Y, Marks[i].Mark.Width, Marks[i].Mark.Height)]))];
        return new BoxSource(new InputSpec { Size = new(Side, Side), Resize = resize }, ["a", "b", "c", "d"], pictures)
        {
            Augmentation = Augmentation.Parse(list),
        };
    }

    private static int Check(BoxSource source, int index, int seed, string where)
    {
        BoxSample sample = source.Sample(index, new Random(seed))!;
        float[] strength = [.. Enumerable.Range(0, Side * Side).Select(i => (float)Strength(sample.Pixels, i))];
        bool[] isFound = new bool[Side * Side];
        foreach (LabelledBox box in sample.Boxes)
        {
            // pixels of the mark within reach of the box: those at least half as strong as its middle
            float full = strength[((int)(box.Y + (box.Height / 2)) * Side) + (int)(box.X + (box.Width / 2))];
            Assert.IsGreaterThan(40, full, $"{where}: the mark is in the middle of its box.");
            (int X, int Y)[] mark = [.. Around(box, 3).Where(p => strength[(p.Y * Side) + p.X] >= full / 2)];
            Assert.AreEqual(box.X, mark.Min(p => p.X), 1, where);
            Assert.AreEqual(box.Y, mark.Min(p => p.Y), 1, where);
            Assert.AreEqual(box.X + box.Width, mark.Max(p => p.X) + 1, 1, where);
            Assert.AreEqual(box.Y + box.Height, mark.Max(p => p.Y) + 1, 1, where);
            foreach ((int x, int y) in Around(box, 2))
                isFound[(y * Side) + x] = true;
        }

        // What is without a box is less than a tenth of a mark, or thinner than two pixels, at an edge.
        int left = Enumerable.Range(0, Side * Side).Count(i => !isFound[i] && strength[i] > 40
            && i % Side is >= 16 and < Side - 16 && i / Side is >= 16 and < Side - 16);
        Assert.AreEqual(0, left, $"{where}: pixels of a mark without a box");
        return sample.Boxes.Count;
    }

    // Ground and letterbox are gray, whatever is done to colours; a mark is not.
    private static int Strength(byte[] pixels, int i)
    {
        int area = Side * Side;
        (byte r, byte g, byte b) = (pixels[i], pixels[area + i], pixels[(2 * area) + i]);
        return Math.Max(r, Math.Max(g, b)) - Math.Min(r, Math.Min(g, b));
    }

    private static IEnumerable<(int X, int Y)> Around(LabelledBox box, int reach)
    {
        for (int y = Math.Max(0, (int)box.Y - reach); y < Math.Min(Side, (int)Math.Ceiling(box.Y + box.Height) + reach); y++)
            for (int x = Math.Max(0, (int)box.X - reach); x < Math.Min(Side, (int)Math.Ceiling(box.X + box.Width) + reach); x++)
                yield return (x, y);
    }
}
