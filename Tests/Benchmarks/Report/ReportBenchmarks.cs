using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using CnnOnnx.Tests.Support;
using Microsoft.Playwright;

namespace CnnOnnx.Benchmarks.Report;

/// <summary>
/// Reports of 400 tensors of 2,048 channels and of 4,000 tensors of 64 in Chromium, on a new page each time. What counts is the
/// browser's own time from the address to the load event and to the first content, which is printed at the end; the benchmark's time
/// also has the page's start.
/// </summary>
[Config(typeof(RatioConfig))]
public class ReportBenchmarks
{
    private const string Times = """
        () => [
            performance.getEntriesByType("navigation")[0].loadEventEnd,
            performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
        ]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("report").FullName;
    private readonly List<double[]> _times = [];
    private Chromium? _chromium;

    /// <summary>Number of tensors in the report.</summary>
    [Params(WideNetwork.Tensors, 4000)]
    public int Tensors { get; set; }

    private string Report => Path.Combine(_folder, "dump", "index.html");

    [GlobalSetup]
    public async Task Dump()
    {
        string program =
            Chromium.Find() ?? throw new InvalidOperationException("Chromium, Chrome or Edge is not installed; CHROMIUM_PATH can name it.");
        (string model, string input) = WideNetwork.Write(_folder, Tensors, Tensors > WideNetwork.Tensors ? 64 : WideNetwork.Channels);
        using (Process dump = Process.Start("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "CnnOnnx.Visualizer.dll"), "dump", model, input,
                "--out", Path.GetDirectoryName(Report)!, "--quiet"]))
        {
            await dump.WaitForExitAsync();
            if (dump.ExitCode != 0)
                throw new InvalidOperationException($"The dump ended with {dump.ExitCode}.");
        }

        _chromium = await Chromium.StartAsync(program);
    }

    [Benchmark]
    public async Task Load()
    {
        IPage page = await _chromium!.OpenAsync(Report);
        _times.Add(await page.EvaluateAsync<double[]>(Times));
        await page.CloseAsync();
    }

    [GlobalCleanup]
    public async Task Tell()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        double[] loads = [.. _times.Select(t => t[0]).Order()], contents = [.. _times.Select(t => t[1]).Order()];
        if (loads.Length > 0)
            Console.WriteLine(
                $"// {Tensors} tensors, {loads.Length} loads of {new FileInfo(Report).Length / 1e6:0.0} MB: "
                + $"load event after {loads[loads.Length / 2]:0} ms "
                + $"({loads[0]:0} to {loads[^1]:0}), first content after {contents[contents.Length / 2]:0} ms");
        Directory.Delete(_folder, recursive: true);
    }
}
