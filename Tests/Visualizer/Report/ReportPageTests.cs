using System.Net;
using System.Text.RegularExpressions;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Report;

[TestClass]
public sealed partial class ReportPageTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Write_Report_ShowsEveryLayerOnceInListAndPage()
    {
        string page = Report();
        Assert.HasCount(12, SectionStart().Matches(page));
        Assert.HasCount(12, ListEntry().Matches(page));
        // Five layers have weights: their figures stand in the same section.
        Assert.HasCount(5, Regex.Matches(page, "<div id=\"k\\d\" hidden data-name="));
        string hero = page[page.IndexOf("<div class=\"card hero\">", StringComparison.Ordinal)..];
        hero = hero[..hero.IndexOf("<section", StringComparison.Ordinal)];
        Assert.HasCount(5, Regex.Matches(hero, "<li><span "), "five classes as bars");
        foreach (string fact in new[] { "28 × 28 grey, stretch", "✓ same output as the plain model", "12 tensors, ",
            "as the network sees it, 28 by 28 pixels" })
            Assert.Contains(fact, WebUtility.HtmlDecode(hero));
    }

    [TestMethod]
    public void Write_Report_LoadsNothingButFilesOfItsFolder()
    {
        string page = Report();
        foreach (string address in Regex.Matches(page, "(?:src|href|data-(?:file|values|png))=\"(?!data:image/png;base64,|#)([^\"]*)\"")
            .Select(m => m.Groups[1].Value))
            Assert.IsTrue(File.Exists(_folder.File("out", address)), address);
        Assert.DoesNotContain("http://", page);
        Assert.DoesNotContain("https://", page);
        Assert.DoesNotContain("@import", page);
    }

    private string Report()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("p.png"));
        var run = ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("out"), "--quiet");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return File.ReadAllText(_folder.File("out", "index.html"));
    }

    [GeneratedRegex("<section id=\"t\\d+\"")]
    private static partial Regex SectionStart();

    [GeneratedRegex("<li><a href=\"#t\\d+\" title=\"[^\"]*\"><b>")]
    private static partial Regex ListEntry();
}
