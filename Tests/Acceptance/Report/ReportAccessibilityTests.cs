using CnnOnnx.Tests.Support;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Report;

/// <summary>Every kind of page, checked by axe-core in both themes.</summary>
[TestClass]
public sealed class ReportAccessibilityTests
{
    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    [TestMethod]
    [DataRow(ColorScheme.Light)]
    [DataRow(ColorScheme.Dark)]
    public async Task Pages_OfEveryKind_HaveNoViolations(ColorScheme scheme)
    {
        if (AxeCore.Find() is not { } axe)
        {
            Assert.Inconclusive("Skipped: needs axe-core, by npm or AXE_CORE_PATH.");
            return;
        }

        string kernels = Browser.Folder.File("kernels"), many = Browser.Folder.File("many"), inputs = Browser.Folder.File("inputs");
        if (!Directory.Exists(kernels))
        {
            string model = SmallNetworks.LeNet().SaveTo(Browser.Folder);
            ReportBrowser.Run("kernels", model, "--out", kernels, "--quiet");
            Directory.CreateDirectory(inputs);
            foreach (string name in new[] { "a", "b" })
                TestPictures.Write(Path.Combine(inputs, name + ".png"));
            ReportBrowser.Run("dump", model, inputs, "--out", many, "--quiet");
        }

        foreach ((string file, string address) in new[]
        {
            (Browser.LeNet(), ""), (Browser.LeNet(), "#t0/1"), (Path.Combine(kernels, "index.html"), ""),
            (Path.Combine(many, "index.html"), ""), (Path.Combine(many, "a", "index.html"), ""),
            (Browser.Comparison(), ""), (Browser.Comparison(), "#t3/0"),
        })
        {
            IPage page = await Browser.OpenAsync(file, address, scheme);
            await Task.Delay(500);
            await page.EvaluateAsync(axe);
            string[] violations = await page.EvaluateAsync<string[]>(
                "axe.run().then(found => found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).join(' | ')}`))");
            Assert.IsEmpty(violations, $"{file}{address}: {string.Join('\n', violations)}");
            await Browser.CloseAsync(page);
        }
    }
}
