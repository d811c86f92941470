using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Microsoft.Playwright;
using OpenCvSharp;

namespace CnnOnnx.Tests.Report;

/// <summary>What the page shows where the pointer rests: what of the input a place is computed from, and which value it is.</summary>
[TestClass]
public sealed class ReportPointerTests
{
    private const int Side = 28;

    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    // Place (2, 1) of the second pool is computed from columns 4·2 − 2 = 6 to 21 and rows 4 − 2 = 2 to 17, by hand.
    [TestMethod]
    public async Task Frame_OfAConvolutionalLayer_IsItsReceptiveField()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet());
        await PointAt(page, "pool2", column: 2, row: 1, columns: 5);
        Assert.AreEqual("receptive field: 16 × 16 pixels", await page.TextContentAsync("#peek p"));
        double[] frame = await Frame(page);
        double[] expected = [.. new[] { 6.0, 2, 16, 16 }.Select(pixels => pixels / Side)];
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(expected[i], frame[i], 0.01);
        await page.Mouse.MoveAsync(1, 1);
        await ReportBrowser.WaitUntilAsync(page, "document.getElementById('peek').hidden");
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Frame_OfWhatIsGlobalOrUnknown_SaysSo()
    {
        var graph = new GraphBuilder("mixed");
        string x = graph.Input("x", ElementType.Float, 1, 1, Side, Side);
        string norm = graph.Node("InstanceNormalization", "norm",
            [x, graph.Initializer("scale", One()), graph.Initializer("shift", One())]);
        string cut = graph.Node("Reshape", "cut",
            [x, graph.Initializer("s", TensorData.FromArray([1L, 4, 14, 14], new TensorShape(4)))]);
        graph.Output(norm, ElementType.Float, 1, 1, Side, Side);
        graph.Output(cut, ElementType.Float, 1, 4, 14, 14);
        string model = Browser.Folder.File("mixed.onnx"), report = Browser.Folder.File("mixed");
        graph.Build(new ModelCard { Input = new InputSpec { Size = new(Side, Side), Channels = ChannelOrder.Gray } }).Save(model);
        ReportBrowser.Run("dump", model, TestPictures.Write(Browser.Folder.File("m.png")), "--out", report, "--quiet");

        IPage page = await Browser.OpenAsync(Path.Combine(report, "index.html"));
        await PointAt(page, "norm", 20, 20, Side);
        Assert.AreEqual("receptive field: the whole picture", await page.TextContentAsync("#peek p"));
        CollectionAssert.AreEqual(new[] { 0.0, 0, 1, 1 }, await Frame(page));
        await PointAt(page, "cut", 7, 0, 14);
        Assert.AreEqual("the same place; its receptive field is not known", await page.TextContentAsync("#peek p"));
        double[] frame = await Frame(page);
        Assert.AreEqual(0.5, frame[0], 0.01);
        Assert.AreEqual(1 / 14.0, frame[2], 0.01);
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task LongMaps_InThePage_AreBrokenLikeThoseOfPictures()
    {
        const int Width = 950;
        var graph = new GraphBuilder("long");
        string x = graph.Input("x", ElementType.Float, 1, 2, 2, Width);
        graph.Output(graph.Node("Identity", "y", [x]), ElementType.Float, 1, 2, 2, Width);
        float[] values = [.. Enumerable.Range(0, 4 * Width).Select(i => (float)i)];
        string report = Browser.Dump(graph, "long", values, new TensorShape(1, 2, 2, Width));
        IPage page = await Browser.OpenAsync(report);
        foreach (int height in new[] { 1, 2, 3 })
        {
            foreach (int width in new[] { 1, 16, 256, 257, 950, 1000, 12_345, 300_000 })
            {
                int[] lines = await page.EvaluateAsync<int[]>(
                    $"(() => {{ const seen = linesOf({width}, {height}); return [seen.width, seen.height, seen.lines]; }})()");
                var wrap = LineWrap.Of(new Size(width, height));
                CollectionAssert.AreEqual(new[] { wrap.Size.Width, wrap.Size.Height, wrap.Lines }, lines, $"{width} × {height}");
            }
        }

        // Value 305 of the second row: line 3, column 5, the second of three rows.
        int[] cell = await page.EvaluateAsync<int[]>(
            "layerOf(sections[0]).then(layer => cellAt(layer, 5.5 / layer.seen.width, (3 * 3 + 1.5) / layer.seen.height))");
        CollectionAssert.AreEqual(new[] { 305, 1 }, cell);
        await ReportBrowser.WaitUntilAsync(page, "document.querySelector('section .tiles')?.dataset.drawn !== undefined");
        await page.EvaluateAsync("location.hash = `${sections[0].id}/1`");
        await page.WaitForSelectorAsync("#zoom[open]");
        await page.HoverAsync("#zoom .map canvas", new() { Position = new() { X = 2, Y = 2 } });
        Assert.StartsWith("(0, 0) = 19", await page.TextContentAsync("#zoom output") ?? "");
        await Browser.CloseAsync(page);
    }

    private static TensorData One() => TensorData.FromArray([1f], new TensorShape(1));

    // The pointer comes from outside and rests in the middle of a place of the first map.
    private static async Task PointAt(IPage page, string layer, int column, int row, int columns)
    {
        string section = await page.EvaluateAsync<string>($"sections.find(s => s.querySelector('h2').textContent === '{layer}').id");
        await page.EvaluateAsync($"location.hash = '{section}'");
        await ReportBrowser.WaitUntilAsync(page, $"document.querySelector('#{section} .tiles')?.dataset.drawn !== undefined");
        await ReportBrowser.WaitUntilAsync(page, "!staying");
        double[] tile = await page.EvaluateAsync<double[]>(
            $"layerOf(document.getElementById('{section}')).then(layer => [layer.grid.width, layer.grid.height])");
        await page.Mouse.MoveAsync(1, 1);
        LocatorBoundingBoxResult box = (await page.Locator($"#{section} .tiles canvas").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(
            (float)(box.X + (column + 0.5) * tile[0] / columns), (float)(box.Y + (row + 0.5) * tile[1] / columns), new() { Steps = 3 });
        await ReportBrowser.WaitUntilAsync(page, "!document.getElementById('peek').hidden");
    }

    // Left, top, width and height of the frame in shares of the picture.
    private static Task<double[]> Frame(IPage page) => page.EvaluateAsync<double[]>("""
        (() => {
          const [frame, picture] = ["i", "img"].map(name => document.querySelector(`#peek ${name}`).getBoundingClientRect());
          const [across, down] = [picture.width, picture.height];
          return [(frame.x - picture.x) / across, (frame.y - picture.y) / down, frame.width / across, frame.height / down];
        })()
        """);
}
