using System.Diagnostics;
using System.Globalization;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Onnx;

/// <summary>
/// Broken models through both engines: each ends in results or in one line. What ends the process would end the tests with it,
/// so most of them run in a second process, which leaves behind which one it was at.
/// </summary>
[TestClass]
public sealed class MutatedModelTests
{
    private const int All = 10_000, Few = 140, Slices = 4;

    // First and last number, and the file for what is found; set for the second process.
    private const string RangeVariable = "CNNONNX_MUTATIONS";

    // What a process may keep, and what it may have at any time: a node may make a tensor of a gigabyte.
    private const long MostMemory = 3L << 30, MostAtOnce = 6L << 30;

    private const int MostElements = 1 << 20;

    // A hundred thousand rounds of a loop are run before it is refused, and ONNX Runtime goes on until it is told to stop.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120), Stuck = TimeSpan.FromSeconds(240),
        StopAfter = TimeSpan.FromSeconds(5);

    [TestMethod]
    public void Seeds_AsTheyAre_RunInBothEngines()
    {
        using var folder = new TemporaryFolder();
        foreach (var seed in ModelMutations.Seeds)
            Run(seed.Write(folder.File("m.onnx")));
    }

    [TestMethod]
    public void Run_Mutations_EndInResultsOrOneLine()
    {
        string[] given = (Environment.GetEnvironmentVariable(RangeVariable) ?? $"0|{Few}|").Split('|');
        int first = int.Parse(given[0], CultureInfo.InvariantCulture), last = int.Parse(given[1], CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        using StreamWriter? log = given[2].Length == 0 ? null : new StreamWriter(given[2], append: true) { AutoFlush = true };
        var faults = new List<string>();
        // Other tests were in this process before.
        long before = Process.GetCurrentProcess().WorkingSet64;
        for (int index = first; index < last; index++)
        {
            log?.WriteLine(index);
            long started = Stopwatch.GetTimestamp();
            string? fault = FaultOf(index, folder.File("m.onnx"));
            if (fault is null && Stopwatch.GetElapsedTime(started) > Longest)
                fault = $"took {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s";
            long grown = Process.GetCurrentProcess().WorkingSet64 - before;
            if (fault is null && grown > MostMemory)
                fault = $"left {grown >> 20} MB in memory";
            if (fault is null)
                continue;
            faults.Add($"{index}: {fault}");
            log?.WriteLine($"{index}: {fault}");
        }

        Assert.IsEmpty(faults, string.Join('\n', faults));
    }

    [TestMethod]
    [TestCategory("Long")]
    public void Run_ThousandsOfMutations_NoneEndsTheProcess()
    {
        using var folder = new TemporaryFolder();
        string[] faults =
            [.. Enumerable.Range(0, Slices)
                .SelectMany(slice => InAnotherProcess(slice * All / Slices, (slice + 1) * All / Slices, folder.File($"{slice}.log")))];
        Assert.IsEmpty(faults, string.Join('\n', faults));
    }

    private static string? FaultOf(int index, string path)
    {
        try
        {
            File.WriteAllBytes(path, ModelMutations.Make(index));
            Run(path);
            return null;
        }
        catch (BadInputException refused)
        {
            return refused.Message.Contains('\n') ? $"two lines: {refused.Message}" : null;
        }
        catch (Exception fault)
        {
            string? where = fault.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("CnnOnnx"))?.Trim();
            return $"{fault.GetType().Name}: {fault.Message.Split('\n')[0]} {where}";
        }
    }

    /// <summary>Both engines have their turn; the first refusal is thrown when both are done.</summary>
    private static void Run(string path)
    {
        OnnxModel model = OnnxModel.Read(path);
        long elements = model.Graph.Inputs.Sum(i => i.Shape is null ? 0
            : (long)Math.Min(1e15, i.Shape.Value.Aggregate(1.0, (count, dim) => count * (dim.Size ?? 2))));
        if (elements > MostElements)
            return;
        Dictionary<string, TensorData> inputs = ParityInputs.Noise(model.Graph, 0, 1);
        BadInputException? first = null;
        foreach (Action engine in new[] { () => RunTorch(model, inputs), () => RunOrt(model, inputs) })
        {
            try
            {
                engine();
            }
            catch (BadInputException refused)
            {
                first ??= refused;
                // In ONNX Runtime such a loop goes on, and takes memory with every round, for as long as it is let.
                if (refused.Message.Contains("still runs after", StringComparison.Ordinal))
                    break;
            }
        }

        if (first is not null)
            throw first;
    }

    private static void RunTorch(OnnxModel model, Dictionary<string, TensorData> inputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using var module = new OnnxModule(model);
        module.eval();
        _ = module.Run([.. inputs.Select(i => (i.Key, TorchTensors.From(i.Value, CPU)))], [.. model.Graph.Outputs.Select(o => o.Name)]);
    }

    private static void RunOrt(OnnxModel model, Dictionary<string, TensorData> inputs)
    {
        using var cancel = new CancellationTokenSource(StopAfter);
        using var session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu, Threads = 1 });
        try
        {
            using Activations seen = session.Run(inputs, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            // As with Ctrl-C: a loop that the model asks for ends at once.
        }
    }

    /// <summary>Runs a range in a process of its own; where that ends before its time, another one goes on behind the culprit.</summary>
    private static IEnumerable<string> InAnotherProcess(int first, int last, string log)
    {
        while (first < last)
        {
            var start = new ProcessStartInfo(
                Environment.ProcessPath!, ["--filter", $"FullyQualifiedName~{nameof(Run_Mutations_EndInResultsOrOneLine)}", "--no-ansi"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment[RangeVariable] = $"{first}|{last}|{log}";
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            string? stopped = Watch(process, log);
            int reached = int.Parse(File.ReadLines(log).Last().Split(':')[0], CultureInfo.InvariantCulture);
            foreach (string fault in File.ReadLines(log).Where(line => line.Contains(':')).ToArray())
                yield return fault;
            if (reached == last - 1 && stopped is null && process.ExitCode is 0 or 2)
                yield break;
            yield return $"{reached}: {stopped ?? $"ended the process with {process.ExitCode}"}";
            File.WriteAllText(log, $"{reached}\n");
            first = reached + 1;
        }
    }

    /// <summary>Why the process had to be stopped; null when it ended by itself.</summary>
    private static string? Watch(Process process, string log)
    {
        long size = -1, since = Stopwatch.GetTimestamp();
        while (!process.WaitForExit(200))
        {
            long now = File.Exists(log) ? new FileInfo(log).Length : 0;
            if (now != size)
                (size, since) = (now, Stopwatch.GetTimestamp());
            process.Refresh();
            long memory = process.HasExited ? 0 : process.WorkingSet64;
            if (memory < MostAtOnce && Stopwatch.GetElapsedTime(since) < Stuck)
                continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return memory < MostAtOnce ? "did not end" : $"took {memory >> 20} MB at once";
        }

        return null;
    }
}
