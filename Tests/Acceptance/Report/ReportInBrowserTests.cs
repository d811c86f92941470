using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Report;

/// <summary>The report as a browser shows it.</summary>
[TestClass]
public sealed class ReportInBrowserTests
{
    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    [TestMethod]
    public async Task Keys_WalkFindAndHelp()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet());
        Assert.AreEqual("12 layers", await page.TextContentAsync("#count"));
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        Assert.AreEqual("relu_conv1", await page.TextContentAsync("section.current h2"));
        await page.Keyboard.PressAsync("k");
        Assert.AreEqual("conv1", await page.TextContentAsync("#list [aria-current] b"));

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("op:gemm shape:84");
        Assert.AreEqual("1 of 12 layers", await page.TextContentAsync("#count"));
        await page.Keyboard.PressAsync("Escape");
        Assert.AreEqual("12 layers", await page.TextContentAsync("#count"));

        await page.Keyboard.PressAsync("?");
        Assert.IsTrue(await page.IsVisibleAsync("#help"));
        await page.CheckAsync("#nokeys");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("t");
        Assert.IsNull(await page.GetAttributeAsync("html", "data-theme"), "switched off");
        await page.EvaluateAsync("remembered('keys', 'on')");
        await page.Keyboard.PressAsync("t");
        Assert.AreEqual("dark", await page.GetAttributeAsync("html", "data-theme"));
        await page.EvaluateAsync("localStorage.clear()");
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Layers_NearTheWindow_GetTheirMaps()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet());
        await ReportBrowser.WaitUntilAsync(page, "document.querySelector('#t0 .tiles')?.dataset.drawn !== undefined");
        Assert.AreEqual(0, await page.Locator("#t0 script.lazy").CountAsync());
        await ReportBrowser.WaitUntilAsync(page, "document.querySelector('#t0 .weights canvas') !== null");
        await page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");
        Assert.AreEqual(0, await page.Locator("script.lazy").CountAsync());
        Assert.AreEqual(await page.Locator("section[data-maps]").CountAsync(), await page.Locator(".tiles canvas").CountAsync());
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Maps_InAnyOrder_AreFoundByArrowKeys()
    {
        IPage page = await Browser.OpenAsync(Ramps("ordered"));
        await ReportBrowser.WaitUntilAsync(page, "document.querySelector('#t0 .spot') !== null");
        foreach ((string order, string first) in new[] { ("index", "map 0 "), ("max", "map 4 ") })
        {
            await page.SelectOptionAsync("#t0 .legend select", order);
            await ReportBrowser.WaitUntilAsync(page, $"document.querySelector('#t0 .tiles').dataset.drawn === 'robust {order}'");
            await ReportBrowser.WaitUntilAsync(page, $"document.querySelector('#t0 .spot').ariaLabel.startsWith('{first}')");
        }

        await page.FocusAsync("#t0 .spot");
        await page.Keyboard.PressAsync("ArrowRight");
        await ReportBrowser.WaitUntilAsync(page, "document.activeElement.ariaLabel?.startsWith('map 3 ') === true");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#zoom[open]");
        Assert.AreEqual("#t0/3", await page.EvaluateAsync<string>("location.hash"));
        await page.Keyboard.PressAsync("ArrowRight");
        await ReportBrowser.WaitUntilAsync(page, "location.hash === '#t0/2'");
        await page.Keyboard.PressAsync("Escape");
        await ReportBrowser.WaitUntilAsync(page, "!document.getElementById('zoom').open && location.hash === '#t0'");
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Zoom_Map_HasThreePanesAndValues()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet(), "#t0/2");
        await page.WaitForSelectorAsync("#zoom[open]");
        CollectionAssert.AreEqual(new[] { "Over the input", "Map 2 of 6", "The weights that make it" },
            (await page.Locator("#zoom h3").AllTextContentsAsync()).ToArray());
        await page.HoverAsync("#zoom .map canvas");
        Assert.Contains(") = ", await page.TextContentAsync("#zoom output") ?? "");
        double[] sizes = await page.EvaluateAsync<double[]>(
            "[...document.querySelectorAll('#zoom .buttons button')].flatMap(b => [b.offsetWidth, b.offsetHeight])");
        Assert.IsTrue(sizes.All(side => side >= 44), "large enough for a finger");
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task NumbersAndValues_BesideThePage_AreLoadedWhenAskedFor()
    {
        string report = Wide();
        IPage page = await Browser.OpenAsync(report);
        string last = await page.EvaluateAsync<string>("sections.at(-1).id");
        Assert.AreEqual($"numbers/{last}.js", await page.GetAttributeAsync($"#{last} .numbers", "data-file"));
        Assert.AreEqual(0, await page.Locator($"script[src*='{last}.js']").CountAsync());
        await page.EvaluateAsync("location.hash = `${sections.at(-1).id}/7`");
        await page.WaitForSelectorAsync("#zoom[open]");
        Assert.AreEqual(1, await page.Locator($"script[src='numbers/{last}.js']").CountAsync());
        Assert.AreEqual(1, await page.Locator($"script[src='values/{last}.js']").CountAsync());
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Values_BeyondTheirRoom_AreToldToBeMissingAndThePictureIsShown()
    {
        string report = Wide("few", "--values", "200K");
        IPage page = await Browser.OpenAsync(report);
        Assert.Contains("--values", await page.TextContentAsync(".hero .pairs") ?? "");
        string without = await page.EvaluateAsync<string>("sections.find(s => s.dataset.maps && !s.dataset.values).id");
        await page.EvaluateAsync($"location.hash = '{without}'");
        await ReportBrowser.WaitUntilAsync(page,
            $"document.querySelector('#{without} .says')?.textContent.startsWith('as in the PNG') === true");
        Assert.IsTrue(await page.EvaluateAsync<bool>(
            $"layerOf(document.getElementById('{without}')).then(layer => layer.picture !== undefined)"));
        await Browser.CloseAsync(page);
    }

    // Channel k, from 0, is (k + 1) · (ramp from −0.25 to 0.75).
    private static float Ramp(int channel, int i) => (channel + 1) * (i / 15f - 0.25f);

    private static string Ramps(string name)
    {
        var graph = new GraphBuilder(name);
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string w = graph.Initializer("w", TensorData.FromArray([1f, 2, 3, 4, 5], new TensorShape(5, 1, 1, 1)));
        graph.Output(graph.Node("Conv", "y", [x, w]), ElementType.Float, 1, 5, 4, 4);
        return Browser.Dump(graph, name, [.. Enumerable.Range(0, 16).Select(i => Ramp(0, i))], new TensorShape(1, 1, 4, 4));
    }

    private static string Wide(string name = "wide", params string[] options)
    {
        const int Channels = 2048;
        var graph = new GraphBuilder(name);
        string last = graph.Input("x", ElementType.Float, 1, Channels, 2, 2);
        for (int i = 0; i < 28; i++)
            last = graph.Node("Neg", $"n{i}", [last]);
        graph.Output(last, ElementType.Float, 1, Channels, 2, 2);
        var random = new Random(1);
        return Browser.Dump(graph, name, [.. Enumerable.Range(0, 4 * Channels).Select(_ => random.NextSingle())],
            new TensorShape(1, Channels, 2, 2), options);
    }
}
