using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Report;

/// <summary>The report as a browser shows it.</summary>
[TestClass]
public sealed class ReportInBrowserTests
{
    private static readonly TemporaryFolder Folder = new();
    private static Chromium? _chromium;
    private readonly List<string> _errors = [];

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        if (Chromium.Find() is { } program)
            _chromium = await Chromium.StartAsync(program);
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        Folder.Dispose();
    }

    [TestMethod]
    public async Task Keys_WalkFindAndHelp()
    {
        IPage page = await OpenAsync(LeNet());
        Assert.AreEqual("12", await page.TextContentAsync("#count"));
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        Assert.AreEqual("relu_conv1", await page.TextContentAsync("section.current .name"));
        await page.Keyboard.PressAsync("k");
        Assert.AreEqual("conv1", await page.TextContentAsync("#list .current b"));

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("op:gemm shape:84");
        Assert.AreEqual("1 of 12", await page.TextContentAsync("#count"));
        await page.Keyboard.PressAsync("Escape");
        Assert.AreEqual("12", await page.TextContentAsync("#count"));

        await page.Keyboard.PressAsync("?");
        Assert.IsTrue(await page.IsVisibleAsync("#help"));
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("t");
        Assert.AreEqual("dark", await page.GetAttributeAsync("html", "data-theme"));
        await CloseAsync(page);
    }

    [TestMethod]
    public async Task Sections_NearTheWindow_GetTheirPictures()
    {
        IPage page = await OpenAsync(LeNet());
        await WaitUntilAsync(page, "document.querySelector('#t0 figure.maps img')?.naturalWidth > 0");
        Assert.AreEqual(0, await page.Locator("#t0 script.body").CountAsync());
        await page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");
        Assert.AreEqual(12, await page.Locator("section figure.maps").CountAsync());
        Assert.AreEqual(5, await page.Locator("section figure.kernel").CountAsync());
        await CloseAsync(page);
    }

    [TestMethod]
    public async Task Channels_ByMax_ComeInThatOrderAndBackAgain()
    {
        IPage page = await OpenAsync(Ramps("ordered", ScaleMode.Layer));
        await page.SelectOptionAsync("#sort select", "max");
        await page.WaitForSelectorAsync("#t0 figure.ordered canvas");
        // Of one range for the layer, the channel with the largest values, the last one, is the brightest.
        Assert.AreEqual(await Pixel(page, "img", 4), await Pixel(page, "canvas", 0));
        Assert.AreEqual(await Pixel(page, "img", 0), await Pixel(page, "canvas", 4));
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#zoom .side");
        Assert.AreEqual("channel 4 (0 to 4), number 1 by max", await page.TextContentAsync("#zoom .side p"));
        await page.Keyboard.PressAsync("ArrowRight");
        await WaitUntilAsync(page, "document.querySelector('#zoom .side p').textContent.startsWith('channel 3 ')");
        await page.Keyboard.PressAsync("Escape");
        await page.SelectOptionAsync("#sort select", "index");
        await page.WaitForSelectorAsync("#t0 figure.ordered", new() { State = WaitForSelectorState.Detached });
        await CloseAsync(page);
    }

    // What is in the cells of a large channel, against the values that the picture was drawn from.
    [TestMethod]
    [DataRow(ScaleMode.Tile)]
    [DataRow(ScaleMode.Layer)]
    [DataRow(ScaleMode.Symmetric)]
    [DataRow(ScaleMode.Standard)]
    public async Task Values_ReadFromColours_AreThoseOfTheTensor(ScaleMode mode)
    {
        IPage page = await OpenAsync(Ramps($"values-{mode}", mode));
        await page.WaitForSelectorAsync("#t0 figure.maps img");
        double[][] read = await page.EvaluateAsync<double[][]>("""
            async () => {
              const section = document.getElementById("t0"), figure = section.querySelector("figure.maps");
              const numbers = await numbersOf(section);
              await figure.querySelector("img").decode();
              const channels = [];
              for (let k = 0; k < 5; k++) {
                const facts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value(k)]));
                const values = await valuesOf(figure, k, facts), cells = [values.within];
                for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) cells.push(values.at(x, y).value);
                channels.push(cells);
              }
              return channels;
            }
            """);
        // Of 256 colours two pairs are equal in viridis: a step, which is the range of 5 over 255 or twice 4 · std over 255 at most.
        Assert.IsTrue(read.All(cells => cells[0] is > 0 and < 0.04));
        for (int channel = 0; channel < 5; channel++)
            for (int i = 0; i < 16; i++)
                // What the page says, and float rounding.
                Assert.AreEqual(Ramp(channel, i), read[channel][1 + i], read[channel][0] + 1e-5, $"channel {channel}, value {i}");
        await CloseAsync(page);
    }

    [TestMethod]
    public async Task NumbersAndValues_BesideThePage_AreLoadedWhenAskedFor()
    {
        string report = Wide();
        IPage page = await OpenAsync(report);
        string last = await page.EvaluateAsync<string>("sections.at(-1).id");
        Assert.AreEqual($"numbers/{last}.js", await page.GetAttributeAsync($"#{last} .numbers", "data-file"));
        Assert.AreEqual(0, await page.Locator("script[src]").CountAsync());
        await page.EvaluateAsync("showChannel(sections.at(-1), 7)");
        await page.WaitForSelectorAsync("#zoom .values");
        Assert.AreEqual("channel 7 (0 to 2047)", await page.TextContentAsync("#zoom .side p"));
        Assert.IsTrue(await page.Locator($"script[src='numbers/{last}.js']").CountAsync() == 1);
        await CloseAsync(page);
    }

    // The pictures of many reports are files, which no page may read; small ones have a copy.
    [TestMethod]
    public async Task Values_OfOneOfManyReports_AreBesideItOrToldToBeMissing()
    {
        const int Large = 512;
        var graph = new GraphBuilder("many");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string w = graph.Initializer("w", TensorData.FromArray([1f, 2, 3, 4, 5], new TensorShape(5, 1, 1, 1)));
        graph.Output(graph.Node("Conv", "y", [x, w]), ElementType.Float, 1, 5, 4, 4);
        var random = new Random(2);
        string noise = graph.Initializer("noise", TensorData.FromArray([.. Enumerable.Range(0, Large * Large).Select(_ =>
            random.NextSingle())], new TensorShape(1, 1, Large, Large)));
        graph.Output(graph.Node("Add", "z", [graph.Node("ReduceMax", "top", [x], ("keepdims", 1)), noise]), ElementType.Float, 1, 1, Large,
            Large);
        string model = Folder.File("many.onnx"), inputs = Folder.File("many-in");
        graph.Build().Save(model);
        Directory.CreateDirectory(inputs);
        foreach (string name in new[] { "a", "b" })
            NpyFile.Write(Path.Combine(inputs, name + ".npy"),
                TensorData.FromArray([.. Enumerable.Range(0, 16).Select(i => Ramp(0, i))], new TensorShape(1, 1, 4, 4)));
        Run("dump", model, inputs, "--out", Folder.File("many"), "--quiet", "--tensors", "y", "z");

        IPage page = await OpenAsync(Folder.File("many", "b", "index.html"));
        await page.EvaluateAsync("showChannel(sections[0], 4)");
        await page.WaitForSelectorAsync("#zoom .values small");
        Assert.AreEqual(1, await page.Locator("script[src='values/t0.js']").CountAsync());
        await page.EvaluateAsync("showChannel(sections.at(-1), 0)");
        await WaitUntilAsync(page, "document.querySelector('#zoom .values')?.textContent.startsWith('no values: ')");
        await CloseAsync(page);
    }

    private async Task<IPage> OpenAsync(string report)
    {
        if (_chromium is null)
            Assert.Inconclusive("Skipped: needs Chromium, Chrome or Edge, which is not installed (or CHROMIUM_PATH).");
        IPage page = await _chromium.OpenAsync(report);
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) => { if (message.Type == "error") _errors.Add(message.Text); };
        return page;
    }

    // Playwright's own waiting compiles a string in the page, which the page's content policy forbids.
    private static async Task WaitUntilAsync(IPage page, string condition)
    {
        for (int left = 300; !await page.EvaluateAsync<bool>(condition); left--)
        {
            Assert.IsGreaterThan(0, left, $"In 30 seconds this did not become true: {condition}");
            await Task.Delay(100);
        }
    }

    private async Task CloseAsync(IPage page)
    {
        await page.CloseAsync();
        Assert.IsEmpty(_errors, string.Join('\n', _errors));
    }

    private static Task<string> Pixel(IPage page, string shown, int tile) => page.EvaluateAsync<string>($$"""
        async () => {
          const figure = document.querySelector("#t0 figure.maps"), tiles = tilesOf(figure);
          const [x, y] = tiles.place({{tile}}), picture = figure.querySelector("{{shown}}");
          const to = element("canvas", { width: 1, height: 1 }).getContext("2d");
          to.drawImage(picture, x + tiles.width - 2, y + tiles.height - 2, 1, 1, 0, 0, 1, 1);
          return [...to.getImageData(0, 0, 1, 1).data].join();
        }
        """);

    private static string LeNet()
    {
        string report = Folder.File("lenet", "index.html");
        if (!File.Exists(report))
            Run("dump", SmallNetworks.LeNet().SaveTo(Folder), TestPictures.Write(Folder.File("p.png")), "--out", Folder.File("lenet"));
        return report;
    }

    // Channel k, from 0, is (k + 1) · (ramp from −0.25 to 0.75).
    private static float Ramp(int channel, int i) => (channel + 1) * (i / 15f - 0.25f);

    private static string Ramps(string name, ScaleMode mode)
    {
        var graph = new GraphBuilder(name);
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string w = graph.Initializer("w", TensorData.FromArray([1f, 2, 3, 4, 5], new TensorShape(5, 1, 1, 1)));
        graph.Output(graph.Node("Conv", "y", [x, w]), ElementType.Float, 1, 5, 4, 4);
        return Dump(graph, name, [.. Enumerable.Range(0, 16).Select(i => Ramp(0, i))], new TensorShape(1, 1, 4, 4), "--scale",
            mode.ToString().ToLowerInvariant());
    }

    private static string Wide()
    {
        const int Channels = 2048;
        var graph = new GraphBuilder("wide");
        string last = graph.Input("x", ElementType.Float, 1, Channels, 2, 2);
        for (int i = 0; i < 28; i++)
            last = graph.Node("Neg", $"n{i}", [last]);
        graph.Output(last, ElementType.Float, 1, Channels, 2, 2);
        var random = new Random(1);
        return Dump(graph, "wide", [.. Enumerable.Range(0, 4 * Channels).Select(_ => random.NextSingle())],
            new TensorShape(1, Channels, 2, 2));
    }

    private static string Dump(GraphBuilder graph, string name, float[] input, TensorShape shape, params string[] options)
    {
        string model = Folder.File(name + ".onnx"), array = Folder.File(name + ".npy");
        graph.Build().Save(model);
        NpyFile.Write(array, TensorData.FromArray(input, shape));
        Run(["dump", model, array, "--out", Folder.File(name), "--quiet", .. options]);
        return Folder.File(name, "index.html");
    }

    private static void Run(params string[] arguments)
    {
        ProgramRun run = ProgramRun.Visualizer(arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }
}
