using System.Runtime.InteropServices;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;
using Microsoft.Playwright;

namespace CnnOnnx.Tests.Support;

/// <summary>
/// Reports made by the program, opened in a browser, whose errors are the test's. All tests share one, which starts with the first
/// page; each page has cookies and storage of its own.
/// </summary>
internal sealed class ReportBrowser : IAsyncDisposable
{
    private readonly List<string> _errors = [];
    private Chromium? _chromium;

    private ReportBrowser()
    {
    }

    public static ReportBrowser Shared { get; } = new();

    public TemporaryFolder Folder { get; } = new();

    /// <summary>Opens a page, with an address within it or without.</summary>
    public async Task<IPage> OpenAsync(string report, string address = "", ColorScheme scheme = ColorScheme.Light)
    {
        string? program = Chromium.Find();
        if (program is null)
            Assert.Inconclusive("Skipped: needs Chromium, Chrome or Edge, which is not installed (or CHROMIUM_PATH).");
        _chromium ??= await Chromium.StartAsync(program);
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

    /// <summary>
    /// Comparison of LeNet with a copy in which two layers have other weights and all tensors other names; made once.
    /// </summary>
    public string Comparison()
    {
        string page = Folder.File("compared", "index.html");
        if (File.Exists(page))
            return page;
        string a = Path.Combine(Repository.Root, "models", "lenet.onnx"), b = Folder.File("faults.onnx");
        OnnxModel.Read(a).Changed(copy =>
        {
            // Large weights of a model that was read are still in its file.
            foreach (TensorProto weight in copy.Graph.Initializer)
            {
                weight.RawData = ByteString.CopyFrom(new OnnxTensor(weight, a).Load().Bytes.Span);
                weight.FloatData.Clear();
                weight.ExternalData.Clear();
                weight.ClearDataLocation();
            }

            copy.Graph.ValueInfo.Clear();
            foreach (string name in new[] { "conv2.weight", "fc2.bias" })
            {
                TensorProto weight = copy.Graph.Initializer.First(t => t.Name == name);
                float[] values = [.. MemoryMarshal.Cast<byte, float>(weight.RawData.Span).ToArray()
                    .Select((v, i) => i < 150 ? 1.5f * v : v)];
                weight.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
            }

            foreach (NodeProto node in copy.Graph.Node.Where(n => n.Output[0] != "logits"))
            {
                foreach (NodeProto user in copy.Graph.Node)
                    for (int i = 0; i < user.Input.Count; i++)
                        if (user.Input[i] == node.Output[0])
                            user.Input[i] = $"net/{node.Output[0]}";
                foreach (ValueInfoProto output in copy.Graph.Output.Where(o => o.Name == node.Output[0]))
                    output.Name = $"net/{node.Output[0]}";
                node.Output[0] = $"net/{node.Output[0]}";
            }
        }).Save(b);
        ProgramRun run = ProgramRun.Visualizer("compare", a, b, TestPictures.Write(Folder.File("c.png")), "--out", Folder.File("compared"),
            "--quiet");
        Assert.AreEqual(1, run.ExitCode, run.Error);
        return page;
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

/// <summary>Ends the browser when all tests are over.</summary>
[TestClass]
public sealed class ReportBrowserEnd
{
    [AssemblyCleanup]
    public static async Task Stop() => await ReportBrowser.Shared.DisposeAsync();
}
