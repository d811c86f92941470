using CnnOnnx.Tests.Support;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Report;

/// <summary>Every kind of link: what is under it when it was clicked, and what is there when the address is opened anew.</summary>
[TestClass]
public sealed class ReportLinksTests
{
    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    [TestMethod]
    public async Task ListAndFlow_Clicked_ShowTheirLayerAtTheTop()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet());
        int links = await page.Locator("#list a, .flow a").CountAsync();
        Assert.IsGreaterThan(13, links);
        for (int i = 0; i < links; i++)
        {
            ILocator link = page.Locator("#list a, .flow a").Nth(i);
            string address = await link.GetAttributeAsync("href") ?? "";
            await link.ClickAsync();
            await ReportBrowser.WaitUntilAsync(page, IsAtTop(address));
            Assert.AreEqual(address, await page.EvaluateAsync<string>("location.hash"));
            string name = await page.TextContentAsync($"{address} h2") ?? "";
            Assert.StartsWith(name, await link.GetAttributeAsync("title") ?? "");
        }

        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Map_Clicked_HasAnAddressThatOpensIt()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet());
        await ReportBrowser.WaitUntilAsync(page, "document.querySelector('#t0 .tiles')?.dataset.drawn !== undefined");
        await page.ClickAsync("#t0 .tiles", new() { Position = new() { X = 20, Y = 20 } });
        await page.WaitForSelectorAsync("#zoom[open]");
        string address = await page.EvaluateAsync<string>("location.hash"), told = await page.TextContentAsync("#zoom header p") ?? "";
        Assert.StartsWith($"#{address.Split('/')[1]} · ", told);
        await page.ClickAsync("#zoom button[aria-label='Next map']");
        await ReportBrowser.WaitUntilAsync(page, $"location.hash !== '{address}'");
        await ReportBrowser.WaitUntilAsync(page,
            "document.querySelector('#zoom header p').textContent.startsWith(`#${location.hash.split('/')[1]} ·`)");
        await page.ClickAsync("#zoom button[aria-label='Map before']");
        await ReportBrowser.WaitUntilAsync(page, $"location.hash === '{address}'");
        await Browser.CloseAsync(page);

        page = await Browser.OpenAsync(Browser.LeNet(), address);
        await page.WaitForSelectorAsync("#zoom[open]");
        Assert.AreEqual(told, await page.TextContentAsync("#zoom header p"));
        await page.Keyboard.PressAsync("Escape");
        await ReportBrowser.WaitUntilAsync(page, IsAtTop("#t0"));
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Address_OfALayerByNumberOrName_StaysAtItAlsoAfterLateLayout()
    {
        foreach (string address in new[] { "#t5", "#relu_conv2" })
        {
            IPage page = await Browser.OpenAsync(Browser.LeNet(), address);
            // Longer than layers need to get their pictures and heights.
            await Task.Delay(1800);
            string found = await page.EvaluateAsync<string>("`#${document.querySelector('section.current').id}`");
            Assert.IsTrue(await page.EvaluateAsync<bool>(IsAtTop(found)));
            string current = await page.TextContentAsync("section.current h2") ?? "";
            Assert.AreEqual(address == "#t5" ? await page.TextContentAsync("#t5 h2") : "relu_conv2", current);
            await Browser.CloseAsync(page);
        }
    }

    [TestMethod]
    public async Task Chips_Clicked_ShowOneOperator()
    {
        IPage page = await Browser.OpenAsync(Browser.LeNet());
        await page.ClickAsync(".chips button[data-op=Conv]");
        Assert.AreEqual("2 of 12 layers", await page.TextContentAsync("#count"));
        await page.ClickAsync(".chips button[data-op=Conv]");
        Assert.AreEqual("12 layers", await page.TextContentAsync("#count"));
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Overview_ToReportsAndBack_AndFromLayerToLayer()
    {
        string folder = Browser.Folder.File("linked"), inputs = Browser.Folder.File("linked-inputs");
        Directory.CreateDirectory(inputs);
        foreach (string name in new[] { "a", "b", "c" })
            TestPictures.Write(Path.Combine(inputs, name + ".png"));
        File.WriteAllText(Path.Combine(inputs, "d.png"), "no picture");
        ProgramRun run = ProgramRun.Visualizer("dump", SmallNetworks.LeNet().SaveTo(Browser.Folder), inputs, "--out", folder, "--quiet");
        Assert.AreEqual(2, run.ExitCode, run.Error);

        IPage page = await Browser.OpenAsync(Path.Combine(folder, "index.html"));
        Assert.Contains("1 input of 4 could not be used", await page.TextContentAsync("main") ?? "");
        await page.SelectOptionAsync("#across", new SelectOptionValue { Index = 1 });
        await ReportBrowser.WaitUntilAsync(page, "[...document.querySelectorAll('img.across')].every(img => img.naturalWidth > 0)");
        string layer = await page.EvaluateAsync<string>("document.getElementById('across').selectedOptions[0].textContent");
        await page.ClickAsync("a.input >> nth=1");
        await ReportBrowser.WaitUntilAsync(page, "document.querySelector('section.current h2') !== null");
        Assert.AreEqual(layer, await page.TextContentAsync("section.current h2"));
        Assert.AreEqual("b.png", await page.TextContentAsync("nav header p"));
        foreach ((string link, string input) in new[] { ("Next input", "c.png"), ("Previous input", "b.png"), ("Previous input", "a.png") })
        {
            await page.WaitForSelectorAsync($"a[title='{link}']");
            await page.ClickAsync($"a[title='{link}']");
            await ReportBrowser.WaitUntilAsync(page, $"document.querySelector('nav header p')?.textContent === '{input}'");
        }

        Assert.AreEqual(0, await page.Locator("a[title='Previous input']").CountAsync());
        await page.ClickAsync(".back a >> nth=0");
        await ReportBrowser.WaitUntilAsync(page, "document.querySelectorAll('a.input').length === 3");
        foreach (string survey in await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('.card a')].map(a => a.getAttribute('href'))"))
            Assert.IsTrue(File.Exists(Path.Combine(folder, survey.Split('#')[0])), survey);
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task Overview_OfNothingButFaults_TellsEach()
    {
        string folder = Browser.Folder.File("none"), inputs = Browser.Folder.File("broken");
        Directory.CreateDirectory(inputs);
        foreach (string name in new[] { "a.png", "b.jpg" })
            File.WriteAllText(Path.Combine(inputs, name), "no picture");
        string[] dump = ["dump", SmallNetworks.LeNet().SaveTo(Browser.Folder), inputs, "--out", folder, "--quiet"];
        ProgramRun run = ProgramRun.Visualizer(dump);
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.StartsWith("error: none of 2 inputs could be used", run.LastError);

        IPage page = await Browser.OpenAsync(Path.Combine(folder, "index.html"));
        Assert.Contains("None of 2 inputs could be used", await page.TextContentAsync("main .warning") ?? "");
        string[] faults = [.. await page.Locator("div.input").AllTextContentsAsync()];
        Assert.HasCount(2, faults);
        Assert.StartsWith("a.png", faults[0]);
        Assert.StartsWith("b.jpg", faults[1]);
        await Browser.CloseAsync(page);
        // The folder is the program's own: the next run may write there.
        Assert.StartsWith("error: none of 2 inputs could be used", ProgramRun.Visualizer(dump).LastError);
    }

    // The first pixels of the layer are where a reader looks; the last layers cannot be scrolled so far up.
    private static string IsAtTop(string address) => $$"""
        (() => {
          const top = document.querySelector('{{address}}').getBoundingClientRect().top;
          const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
          return Math.abs(top - 20) <= 2 || atEnd && top >= 0 && top < innerHeight;
        })()
        """;
}
