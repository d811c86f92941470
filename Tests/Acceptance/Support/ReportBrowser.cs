using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Support;

/// <summary>Reports made by the program, opened in a browser, whose errors are the test's.</summary>
internal sealed class ReportBrowser : IAsyncDisposable
{
    private readonly Chromium? _chromium;
    private readonly List<string> _errors = [];

    private ReportBrowser(Chromium? chromium) => _chromium = chromium;

    public TemporaryFolder Folder { get; } = new();

    public static async Task<ReportBrowser> StartAsync() =>
        new(Chromium.Find() is { } program ? await Chromium.StartAsync(program) : null);

    /// <summary>Opens a page, with an address within it or without.</summary>
    public async Task<IPage> OpenAsync(string report, string address = "", ColorScheme scheme = ColorScheme.Light)
    {
        if (_chromium is null)
            Assert.Inconclusive("Skipped: needs Chromium, Chrome or Edge, which is not installed (or CHROMIUM_PATH).");
        IPage page = await _chromium.OpenAsync(report, scheme, address);
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) => { if (message.Type == "error") _errors.Add(message.Text); };
        return page;
    }

    /// <summary>Closes a page; what went wrong in it fails the test.</summary>
    public async Task CloseAsync(IPage page)
    {
        await page.CloseAsync();
        string[] errors = [.. _errors];
        _errors.Clear();
        Assert.IsEmpty(errors, string.Join('\n', errors));
    }

    // Playwright's own waiting compiles a string in the page, which the page's content policy forbids.
    public static async Task WaitUntilAsync(IPage page, string condition)
    {
        for (int left = 300; !await page.EvaluateAsync<bool>(condition); left--)
        {
            Assert.IsGreaterThan(0, left, $"In 30 seconds this did not become true: {condition}");
            await Task.Delay(100);
        }
    }

    /// <summary>Report of LeNet on a drawn picture; made once.</summary>
    public string LeNet()
    {
        string report = Folder.File("lenet", "index.html");
        if (!File.Exists(report))
            Run("dump", SmallNetworks.LeNet().SaveTo(Folder), TestPictures.Write(Folder.File("p.png")), "--out", Folder.File("lenet"));
        return report;
    }

    /// <summary>Report of a graph whose only input is x.</summary>
    public string Dump(GraphBuilder graph, string name, float[] input, TensorShape shape, params string[] options)
    {
        string model = Folder.File(name + ".onnx"), array = Folder.File(name + ".npy");
        graph.Build().Save(model);
        NpyFile.Write(array, TensorData.FromArray(input, shape));
        Run(["dump", model, array, "--out", Folder.File(name), "--quiet", .. options]);
        return Folder.File(name, "index.html");
    }

    public static void Run(params string[] arguments)
    {
        ProgramRun run = ProgramRun.Visualizer(arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        Folder.Dispose();
    }
}
