using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Live;

/// <summary>The window itself, on a display of its own.</summary>
[TestClass]
public sealed class LiveWindowTests
{
    private const string Title = "CnnOnnx live";

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Live_KeysArePressed_ShowsAndReportsWhatWasAskedFor()
    {
        using VirtualDisplay display = StartDisplay();
        using var folder = new TemporaryFolder();
        using Process live = StartLive(display, folder);
        string window = display.WaitForWindow(live, Title);

        // Two layers on, the second channel: each key is a frame or a picture of its own.
        foreach (string key in new[] { "h", "Down", "c", "Down", "Right", "s", "Right", "space" })
            display.Press(window, key);
        display.Press(window, "Escape");

        ProgramRun run = live.Finish();
        Assert.AreEqual(0, run.ExitCode, run.Error);
        JsonElement shown = JsonDocument.Parse(run.Output).RootElement;
        Assert.AreEqual("pool1", shown.GetProperty("layer").GetString());
        Assert.AreEqual(1, shown.GetProperty("channel").GetInt32());
        // The picture stands still: it is run once for each layer that is looked at.
        Assert.AreEqual(3, shown.GetProperty("frames").GetInt32());
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Live_DisplayGoesAway_DoesNotHang()
    {
        using VirtualDisplay display = StartDisplay();
        using var folder = new TemporaryFolder();
        using Process live = StartLive(display, folder);
        display.WaitForWindow(live, Title);
        display.Dispose();
        Assert.IsTrue(live.WaitForExit(TimeSpan.FromSeconds(30)), "still there half a minute after its display");
    }

    private static Process StartLive(VirtualDisplay display, TemporaryFolder folder) =>
        display.Start("dotnet", VisualizerProcess.Program, "live",
        SmallNetworks.LeNet().SaveTo(folder), TestPictures.Write(folder.File("p.png")), "--json");

    private static VirtualDisplay StartDisplay()
    {
        if (!VirtualDisplay.IsInstalled)
            Assert.Inconclusive("Skipped: needs Xvfb and xdotool, which are not installed.");
        return VirtualDisplay.Start();
    }
}
