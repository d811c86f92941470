using CnnOnnx.Tests.Support;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Report;

/// <summary>The page of a comparison, as somebody uses it.</summary>
[TestClass]
public sealed class CompareInBrowserTests
{
    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    [TestMethod]
    public async Task Zoom_TellsAAndBAndTheirDifference()
    {
        IPage page = await Browser.OpenAsync(Browser.Comparison(), "#t3/0");
        await ReportBrowser.WaitUntilAsync(page, "document.querySelectorAll('#zoom[open] .spotted canvas').length === 3");
        await Look(page, "zoom");
        await page.EvaluateAsync("""
            const canvas = document.querySelectorAll('#zoom .spotted canvas')[1], box = canvas.getBoundingClientRect();
            canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }));
            """);
        string told = await page.EvaluateAsync<string>("document.querySelector('#zoom output').textContent");
        // "(5, 5): A 1.2 · B 1.8 · B − A 0.6": the third is the difference of the other two.
        double[] numbers = [.. System.Text.RegularExpressions.Regex.Matches(told.Replace('−', '-'), @"(?<= )-?\d[\d.e-]*")
            .Select(m => double.Parse(m.Value, System.Globalization.CultureInfo.InvariantCulture)).TakeLast(3)];
        Assert.StartsWith("(5, 5): A ", told);
        Assert.AreEqual(numbers[1] - numbers[0], numbers[2], 0.01 * Math.Max(1e-3, Math.Abs(numbers[1]) + Math.Abs(numbers[0])), told);
        string before = await page.EvaluateAsync<string>("location.hash");
        await page.Keyboard.PressAsync("ArrowRight");
        await ReportBrowser.WaitUntilAsync(page, $"location.hash !== '{before}' && location.hash.startsWith('#t3/')");
        await page.Keyboard.PressAsync("Escape");
        await ReportBrowser.WaitUntilAsync(page, "!document.getElementById('zoom').open && location.hash === '#t3'");
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task List_MarksTheFaults_AndTheTableSortsAndUnfolds()
    {
        IPage page = await Browser.OpenAsync(Browser.Comparison());
        await ReportBrowser.WaitUntilAsync(page, "document.querySelectorAll('#list a.w').length === 2");
        Assert.AreEqual("net/conv2 net/fc2", await page.EvaluateAsync<string>(
            "[...document.querySelectorAll('main > section .op.alarm')]"
            + ".map(e => e.closest('section').querySelector('h2').textContent).join(' ')"));
        await page.EvaluateAsync("document.querySelectorAll('.pairs-table th button')[4].click()");
        Assert.IsTrue(await page.EvaluateAsync<bool>("""
            [...document.querySelectorAll('.pairs-table tbody tr')].map(row => +row.cells[4].dataset.key)
                .every((v, i, all) => i === 0 || all[i - 1] >= v)
            """), "largest first");
        Assert.IsFalse(await page.EvaluateAsync<bool>("document.querySelector('.pairs-table').classList.contains('folded')"));
        await Look(page, "page");
        await Browser.CloseAsync(page);
    }

    [TestMethod]
    public async Task OnAPhone_NothingIsWiderThanTheScreen()
    {
        IPage page = await Browser.OpenAsync(Browser.Comparison());
        await page.SetViewportSizeAsync(390, 844);
        await Task.Delay(300);
        await Look(page, "phone");
        Assert.AreEqual(390, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Browser.CloseAsync(page);
    }

    // For whoever wants to see what the test sees.
    private static async Task Look(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CNNONNX_LOOK") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(folder, $"compare-{name}.png"),
                FullPage = name != "zoom",
            });
    }
}
