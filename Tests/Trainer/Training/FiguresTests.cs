using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Figures;
using OpenCvSharp;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class FiguresTests
{
    [TestMethod]
    public void Curves_BestEpochAndTest_AreMarked()
    {
        EpochResult[] history = [.. Enumerable.Range(1, 5).Select(e => new EpochResult(e, 0.1,
            new Metrics(("loss", 1.0 / e)), new Metrics(("loss", 1.1 / e))))];
        using Mat plain = Decode(CurvesFigure.Draw("net", history), 550, 440);
        using Mat marked = Decode(CurvesFigure.Draw("net", history, 3, new Metrics(("loss", 0.8))), 550, 440);
        var all = new Rect(0, 0, 550, 440);
        Assert.AreEqual(0, Count(plain, FigureStyle.Test, all));
        Assert.IsGreaterThan(20, Count(marked, FigureStyle.Test, all));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(20)]
    [DataRow(300)]
    public void Curves_Epochs_AreDrawnInBothColours(int epochs)
    {
        EpochResult[] history = [.. Enumerable.Range(1, epochs).Select(e => new EpochResult(e, 0.1,
            new Metrics(("loss", 1.0 / e), ("accuracy", 1 - (0.5 / e))), new Metrics(("loss", 1.2 / e), ("accuracy", 0.9 - (0.5 / e)))))];
        using Mat figure = Decode(CurvesFigure.Draw("net", history), 1100, 440);
        foreach (ScottPlot.Color color in new[] { FigureStyle.Train, FigureStyle.Validation })
            foreach (int left in new[] { 0, 550 })
                Assert.IsGreaterThan(20, Count(figure, color, new Rect(left, 0, 550, 440)), "The curve is there.");
    }

    // Of a task that takes one metric after the epoch only, and has three.
    [TestMethod]
    public void Curves_OtherMetrics_HaveAPlotEach()
    {
        EpochResult[] history = [.. Enumerable.Range(1, 5).Select(e => new EpochResult(e, 0.1,
            new Metrics(("loss", 1.0 / e), ("boxLoss", 0.5 / e)), new Metrics(("loss", 1.2 / e), ("mAP", 0.1 * e))))];
        using Mat figure = Decode(CurvesFigure.Draw("net", history), 1650, 440);
        Assert.AreEqual("True False", $"{Has(FigureStyle.Train, 550)} {Has(FigureStyle.Validation, 550)}", "boxLoss");
        Assert.AreEqual("False True", $"{Has(FigureStyle.Train, 1100)} {Has(FigureStyle.Validation, 1100)}", "mAP");

        bool Has(ScottPlot.Color color, int left) => Count(figure, color, new Rect(left, 0, 550, 440)) > 20;
    }

    [TestMethod]
    [DataRow(2, 420)]
    [DataRow(10, 830)]
    [DataRow(200, 2400)]
    public void Confusion_Classes_FitThePicture(int classes, int side)
    {
        var confusion = new ConfusionMatrix(classes);
        for (int c = 0; c < classes; c++)
            for (int i = 0; i <= c; i++)
                confusion.Add(c, i % 3 == 0 ? c : 0);
        byte[] png = ConfusionFigure.Draw("net", confusion, [.. Enumerable.Range(0, classes).Select(c => $"a class with number {c}")]);
        using Mat figure = Cv2.ImDecode(png, ImreadModes.Color);
        Assert.AreEqual(side, figure.Width);
    }

    // Cells of a diagonal of right answers are the darkest of their rows, wherever the axes put them.
    [TestMethod]
    public void Confusion_AllRight_HasItsDarkCellsOnTheDiagonal()
    {
        var confusion = new ConfusionMatrix(4);
        for (int c = 0; c < 4; c++)
            confusion.Add(c, c);
        using Mat figure = Cv2.ImDecode(ConfusionFigure.Draw("", confusion, ["a", "b", "c", "d"]), ImreadModes.Color);
        using Mat dark = new();
        ScottPlot.Color all = new ScottPlot.Colormaps.Blues().GetColor(0);
        Cv2.InRange(figure, new Scalar(all.B, all.G, all.R), new Scalar(all.B, all.G, all.R), dark);
        using Mat labels = new(), stats = new(), centres = new();
        int found = Cv2.ConnectedComponentsWithStats(dark, labels, stats, centres, PixelConnectivity.Connectivity4);
        Point2d[] cells = [.. Enumerable.Range(1, found - 1).Where(i => stats.At<int>(i, (int)ConnectedComponentsTypes.Area) > 800)
            .Select(i => new Point2d(centres.At<double>(i, 0), centres.At<double>(i, 1))).OrderBy(p => p.X)];
        Assert.HasCount(4, cells);
        for (int i = 1; i < 4; i++)
            Assert.IsTrue(cells[i].Y > cells[i - 1].Y + 30, "From the upper left to the lower right.");
    }

    [TestMethod]
    public void Samples_Classes_HaveARowWithTheirPictures()
    {
        // class 0 red, class 1 blue, in BGR order
        using PictureSet set = RedAndBlue();

        using Mat sheet = Cv2.ImDecode(SampleSheet.Draw(set), ImreadModes.Color);

        // 80x80 tiles: twice the size, by whole numbers
        Assert.AreEqual(2 * 80 * 80, Count(sheet, new ScottPlot.Color(255, 0, 0), new Rect(0, 0, sheet.Width, 92)));
        Assert.AreEqual(2 * 80 * 80, Count(sheet, new ScottPlot.Color(0, 0, 255), new Rect(0, 92, sheet.Width, sheet.Height - 92)));
    }

    // Picture 1 is blue and taken for red with 90 %, picture 2 red and taken for blue with 60 %: the surer one comes first.
    [TestMethod]
    public void Mistakes_SurestFirst_WithTheirPictures()
    {
        using PictureSet set = RedAndBlue();
        var confusion = new ConfusionMatrix(2);
        confusion.Add(0, 0);
        confusion.Add(1, 0);
        confusion.Add(0, 1);
        confusion.Add(1, 1);
        Mistake[] mistakes = Mistake.Surest(
            [new(0, 0, 0, 1, 1), new(2, 0, 1, 0.6, 0.4), new(1, 1, 0, 0.9, 0.1), new(3, 1, 1, 0.99, 0.99)]);
        CollectionAssert.AreEqual(new[] { 1, 2 }, mistakes.Select(m => m.Picture).ToArray());
        var score = new Score(0.1, confusion, ["red", "blue"]) { Mistakes = mistakes };
        using Mat sheet = Cv2.ImDecode(MistakeSheet.Draw("net", score, set), ImreadModes.Color);
        var left = new Rect(0, 0, 18 + 112 + 7, sheet.Height);
        var right = new Rect(left.Width, 0, sheet.Width - left.Width, sheet.Height);
        Assert.AreEqual((80 * 80, 0), (Count(sheet, new(0, 0, 255), left), Count(sheet, new(255, 0, 0), left)));
        Assert.AreEqual((0, 80 * 80), (Count(sheet, new(0, 0, 255), right), Count(sheet, new(255, 0, 0), right)));

        using Mat none = Cv2.ImDecode(MistakeSheet.Draw("net", score with { Mistakes = [] }, set), ImreadModes.Color);
        Assert.IsLessThan(sheet.Height, none.Height);
    }

    // A missing font would be replaced by one of the machine's.
    [TestMethod]
    public void Font_OfFigures_IsTheOneOfTheVisualizersPictures()
    {
        foreach (bool isBold in new[] { false, true })
        {
            using SkiaSharp.SKTypeface font = FigureFont.Open(isBold);
            Assert.AreEqual(("DejaVu Sans", isBold), (font.FamilyName, font.IsBold));
            Assert.IsTrue(font.ContainsGlyphs("Äé ß ł Ω я % … ≥ 0123456789"));
        }

        using SkiaSharp.SKTypeface asked = ScottPlot.Fonts.GetTypeface(FigureStyle.Font, ScottPlot.FontWeight.Normal,
            ScottPlot.FontSlant.Upright, ScottPlot.FontSpacing.Normal);
        Assert.AreEqual("DejaVu Sans", asked.FamilyName);
    }

    private static PictureSet RedAndBlue()
    {
        var store = new PictureStore(4, 4800);
        for (int i = 0; i < 4; i++)
        {
            store[i].Clear();
            store[i].Slice(i % 2 == 0 ? 3200 : 0, 1600).Fill(255);
        }

        return new PictureSet(new InputSpec { Size = new(40, 40), Channels = ChannelOrder.Bgr }, ["red", "blue"], [0, 1, 0, 1], store);
    }

    private static Mat Decode(byte[] png, int width, int height)
    {
        Mat figure = Cv2.ImDecode(png, ImreadModes.Color);
        Assert.AreEqual((width, height), (figure.Width, figure.Height));
        return figure;
    }

    private static int Count(Mat picture, ScottPlot.Color color, Rect place)
    {
        using Mat part = picture.SubMat(place);
        using Mat mask = new();
        var bgr = new Scalar(color.B, color.G, color.R);
        Cv2.InRange(part, bgr, bgr, mask);
        return Cv2.CountNonZero(mask);
    }
}
