// Prints what build/run-gpu.sh measured as Markdown, for docs/cuda.md:
//
//   dotnet run build/GpuTable.cs -- gpu.json

using System.Globalization;
using System.Text.Json;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [string path] || !File.Exists(path))
{
    Console.Error.WriteLine("error: GpuTable expects gpu.json");
    return 2;
}

try
{
    using JsonDocument file = JsonDocument.Parse(File.ReadAllText(path));
    GpuTable.Write(file.RootElement, Console.Out);
    return 0;
}
catch (JsonException fault)
{
    Console.Error.WriteLine($"error: {path} is no JSON: {fault.Message}");
    return 2;
}

/// <summary>The tables: machine, every tensor against the CPU, stages of a dump, PyTorch, memory, faults in words.</summary>
internal static class GpuTable
{
    public static void Write(JsonElement file, TextWriter output)
    {
        JsonElement[] steps = [.. file.GetProperty("steps").EnumerateArray()];
        output.WriteLine($"Card: {Text(file, "card")}; {file.GetProperty("cores").GetInt32()} cores of {Text(file, "processor")}.");
        output.WriteLine($"{steps.Count(s => s.GetProperty("ok").GetBoolean())} of {steps.Length} steps did what was expected.");
        if (file.TryGetProperty("leftOut", out JsonElement left) && left.GetArrayLength() > 0)
            output.WriteLine($"Left out: {string.Join("; ", left.EnumerateArray())}.");
        Checks(Of(steps, "check-"), output);
        Stages(Of(steps, "bench-"), output);
        Dumps(Of(steps, "bench-dump-"), output);
        Peers(Of(steps, "peer-"), output);
        Memory(Of(steps, "memory-"), output);
        Faults(Of(steps, "faults-"), output);
    }

    private static void Checks(JsonElement[] steps, TextWriter output)
    {
        if (steps.Length == 0)
            return;
        Head(output, "| network | tensors | bit-equal | largest relative error of a tensor | at | verdict |", "|---|---:|---:|---:|---|---|");
        foreach (JsonElement step in steps)
        {
            string name = Name(step)["check-".Length..];
            if (!step.TryGetProperty("result", out JsonElement result) || !result.TryGetProperty("pairs", out _))
            {
                output.WriteLine($"| {name} | – | – | – | – | {Words(step)} |");
                continue;
            }

            JsonElement[] pairs = [.. result.GetProperty("pairs").EnumerateArray()];
            JsonElement worst = pairs.MaxBy(p => Number(p.GetProperty("cumulative"), "relativeError") ?? double.PositiveInfinity);
            output.WriteLine($"| {name} | {pairs.Length} | {pairs.Count(p => p.GetProperty("cumulative").GetProperty("isBitEqual").GetBoolean())} "
                + $"| {Number(worst.GetProperty("cumulative"), "relativeError"):0.0e+0} | {Text(worst, "a")} ({Text(worst, "operator")}) "
                + $"| {Text(result.GetProperty("verdict"), "headline")} |");
        }
    }

    private static void Stages(JsonElement[] steps, TextWriter output)
    {
        string[] stages = ["plain", "device", "exposed", "memory", "statistics", "render", "encode", "dump"];
        JsonElement[] done = [.. steps.Where(s => s.TryGetProperty("result", out JsonElement r) && r.TryGetProperty("stages", out _))];
        if (done.Length == 0)
            return;
        Head(output, $"| run, ms | batch | MB | {string.Join(" | ", stages)} | memory / exposed | made on the CPU |",
            $"|---|---:|---:|{string.Concat(stages.Select(_ => "---:|"))}---:|---:|");
        foreach (JsonElement step in done)
        {
            JsonElement result = step.GetProperty("result");
            Dictionary<string, double> times = result.GetProperty("stages").EnumerateArray()
                .ToDictionary(s => Text(s, "name"), s => s.GetProperty("milliseconds").GetDouble());
            // A network whose tensors the runtime refused to put into page-locked memory.
            bool isPlain = result.TryGetProperty("copiesPlainly", out JsonElement plainly) && plainly.GetBoolean();
            output.WriteLine($"| {Name(step)["bench-".Length..]}: {Text(result, "device")}{(isPlain ? " (plain copies)" : "")} | {result.GetProperty("batch").GetInt32()} "
                + $"| {result.GetProperty("bytes").GetInt64() / 1e6:0} "
                + $"| {string.Join(" | ", stages.Select(s => times.TryGetValue(s, out double ms) ? $"{ms:0.00}" : "–"))} "
                + $"| {result.GetProperty("memoryToExposed").GetDouble():0.00} | {result.GetProperty("onCpu").GetArrayLength()} |");
        }
    }

    private static void Dumps(JsonElement[] steps, TextWriter output)
    {
        foreach (JsonElement step in steps)
            output.WriteLine($"\n{Name(step)["bench-".Length..]}: {step.GetProperty("seconds").GetDouble():0.0} s, start-up included ({Words(step)}).");
    }

    private static void Peers(JsonElement[] steps, TextWriter output)
    {
        JsonElement[] done = [.. steps.Where(s => s.TryGetProperty("result", out _))];
        if (done.Length == 0)
            return;
        Head(output, "| PyTorch, ms | batch | MB | forward | hooks, `.cpu()` | hooks into page-locked memory |", "|---|---:|---:|---:|---:|---:|");
        foreach (JsonElement result in done.Select(s => s.GetProperty("result")))
            foreach (JsonElement batch in result.GetProperty("batches").EnumerateArray())
                output.WriteLine($"| {Text(result, "torch")}, {Text(result, "device")} | {batch.GetProperty("batch").GetInt32()} "
                    + $"| {batch.GetProperty("bytes").GetInt64() / 1e6:0} | {Number(batch, "forwardMilliseconds"):0.00} "
                    + $"| {Number(batch, "hooksMilliseconds"):0.00} | {(Number(batch, "hooksPinnedMilliseconds") is { } ms ? $"{ms:0.00}" : "–")} |");
    }

    private static void Memory(JsonElement[] steps, TextWriter output)
    {
        foreach (JsonElement step in steps)
        {
            if (!step.TryGetProperty("result", out JsonElement result))
            {
                output.WriteLine($"\n{Name(step)}: {Words(step)}.");
                continue;
            }

            string card = List(result, "cardMebibytes");
            output.WriteLine($"\n{result.GetProperty("pictures").GetInt32()} pictures in {result.GetProperty("seconds").GetDouble():0} s"
                + $"{(result.GetProperty("before").GetInt32() is > 0 and int before ? $", behind {before} of an earlier call" : "")}"
                + $"{(result.GetProperty("stopped").GetBoolean() ? ", stopped by the limit" : "")}; most MiB in the quarters of the run: "
                + $"host {List(result, "hostMebibytes")}{(card.Length > 0 ? $"; card {card}" : "")} "
                + $"({(result.GetProperty("grows").GetBoolean() ? "it grows" : "steady")}).");
        }
    }

    private static void Faults(JsonElement[] steps, TextWriter output)
    {
        if (steps.Length == 0)
            return;
        Head(output, "| what is done to the machine | exit | what the program says |", "|---|---:|---|");
        foreach (JsonElement step in steps)
            output.WriteLine($"| {Name(step)["faults-".Length..]} | {step.GetProperty("exit").GetInt32()} | {Said(step)} |");
    }

    // Of a doctor's page the line on CUDA and the verdict, else the last line of what went wrong.
    private static string Said(JsonElement step)
    {
        string[] page = step.TryGetProperty("output", out JsonElement text) ? text.GetString()!.Split('\n') : [];
        string[] told = [.. page.Where(l => l.StartsWith("  -  CUDA  ", StringComparison.Ordinal)
            || l.StartsWith("  +  CUDA  ", StringComparison.Ordinal) || l.StartsWith("verdict:", StringComparison.Ordinal))];
        string[] errors = [.. Text(step, "errors").Split('\n').Where(l => l.StartsWith("error:", StringComparison.Ordinal)
            || l.StartsWith("device:", StringComparison.Ordinal))];
        string[] lines = told.Length > 0 ? told : errors.Length > 0 ? errors[..1] : [Words(step)];
        return string.Join("; ", lines.Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))).Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static JsonElement[] Of(JsonElement[] steps, string prefix) =>
        [.. steps.Where(s => Name(s).StartsWith(prefix, StringComparison.Ordinal))];

    private static void Head(TextWriter output, string names, string rule)
    {
        output.WriteLine();
        output.WriteLine(names);
        output.WriteLine(rule);
    }

    private static string Words(JsonElement step) => step.GetProperty("ok").GetBoolean() ? "done"
        : $"failed with exit code {step.GetProperty("exit").GetInt32()}: {Text(step, "errors").Split('\n')[^1]}";

    private static string List(JsonElement element, string name) => string.Join(", ", element.GetProperty(name).EnumerateArray());

    private static string Name(JsonElement step) => Text(step, "name");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static double? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetDouble() : null;
}
