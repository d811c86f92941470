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
        Assert.HasCount(5, Regex.Matches(page, "<figure class=\"kernel\">"));
        Assert.HasCount(5, Regex.Matches(page, "<li><span>"), "five classes as bars");
        foreach (string fact in new[] { "28x28 gray, stretch, 0..1 (model card)", "viridis, scale tile",
            "final outputs differ from the plain model", "as the network sees it, 28x28" })
            Assert.Contains(fact, page);
    }

    [TestMethod]
    public void Write_Report_LoadsNothingFromElsewhere()
    {
        string page = Report();
        Assert.IsEmpty(Regex.Matches(page, """(src|href)="(?!data:image/png;base64,|#t\d)[^"]*""").Select(m => m.Value));
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

    [GeneratedRegex("<li data-find=")]
    private static partial Regex ListEntry();
}
