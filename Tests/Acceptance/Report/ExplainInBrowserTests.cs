using System.Globalization;
using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Report;

/// <summary>The page of an explanation in a browser: values under the pointer, and one map large beside that of the other target.</summary>
[TestClass]
public sealed class ExplainInBrowserTests
{
    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    [TestMethod]
    public async Task AMap_TellsItsValues_AndOpensLargeBesideTheOtherTargets()
    {
        string page = Explain();
        IPage browser = await Browser.OpenAsync(page);
        // The place of the largest value of the first map, which the manifest and the raw numbers tell.
        (int row, int column, float value, int side) = Largest(page);
        string shown = string.Create(CultureInfo.InvariantCulture, $"row {row}, column {column}: ");
        string point = $$"""
            canvas => { const box = canvas.getBoundingClientRect(); canvas.dispatchEvent(new PointerEvent("pointermove", { bubbles: true,
              clientX: box.left + box.width * {{(column + 0.5) / side}}, clientY: box.top + box.height * {{(row + 0.5) / side}} })); }
            """;
        await ReportBrowser.WaitUntilAsync(browser, $$"""
            (({{point}})(document.querySelector("main canvas.map")), document.getElementById("peek").textContent.startsWith("{{shown}}"))
            """);
        string told = await browser.EvaluateAsync<string>("document.querySelector('#peek b').textContent");
        float number = float.Parse(told[shown.Length..].Split(' ')[0].Replace('−', '-'), CultureInfo.InvariantCulture);
        // Three digits are shown.
        Assert.AreEqual(value, number, 0.01f * Math.Abs(value), told);

        await browser.EvaluateAsync("document.querySelector('main canvas.map').click()");
        await ReportBrowser.WaitUntilAsync(browser, "document.querySelectorAll('#zoom figure').length === 3");
        string[] heads = await browser.EvaluateAsync<string[]>("[...document.querySelectorAll('#zoom h3')].map(head => head.textContent)");
        CollectionAssert.AreEqual(new[] { "Grad-CAM over the picture", "Bag", "Dress" }, heads);
        await browser.EvaluateAsync($"({point})(document.querySelectorAll('#zoom canvas')[1])");
        string[] values = await browser.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('#zoom output')].map(one => one.textContent)");
        Assert.AreEqual(told, values[1]);
        StringAssert.StartsWith(values[2], shown);
        StringAssert.StartsWith(values[3], "Bag − Dress: ");
        Assert.AreEqual("#map/0", await browser.EvaluateAsync<string>("location.hash"));
        await browser.EvaluateAsync("document.querySelector('#zoom [aria-label=\"Next map\"]').click()");
        await ReportBrowser.WaitUntilAsync(browser, "document.querySelectorAll('#zoom h3')[1].textContent === 'Dress'");
        await Browser.CloseAsync(browser);
    }

    private static (int Row, int Column, float Value, int Side) Largest(string page)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(page)!, "manifest.json")));
        JsonElement map = manifest.RootElement.GetProperty("maps")[0];
        return (map.GetProperty("peak")[0].GetInt32(), map.GetProperty("peak")[1].GetInt32(), map.GetProperty("max").GetSingle(),
            map.GetProperty("shape")[2].GetInt32());
    }

    private static string Explain()
    {
        string folder = Browser.Folder.File("why");
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(TrainerCommands.Root(), ["explain", Path.Combine(Repository.Root, "models", "lenet.onnx"),
            TestPictures.Write(Browser.Folder.File("digit.png")), "--method", "grad-cam,gradient", "--target", "8,3", "--layer",
            "relu2", "--out", folder, "--threads", "1", "--quiet"], output, error);
        Assert.AreEqual(0, code, error.ToString());
        return Path.Combine(folder, "index.html");
    }
}
