using System.CommandLine;
using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Trainer.Explain;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer explain: which pixels made the network decide.</summary>
internal sealed class ExplainCommand : Command
{
    // Methods that are named one by one when their cost is told, and boxes in a line.
    private const int MostNamed = 8;

    private readonly Argument<string> _model = new("model") { Description = "The model.", HelpName = "MODEL.onnx" };

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Pictures, .npy or .npz files, videos, camera:N, folders or patterns.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The folder for the results.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<bool> _recursive = new("--recursive", "-r") { Description = "Look for inputs in the folders of folders, too." };

    private readonly Option<int?> _every = CountOption.Create("--every", "Of a video or camera only every N-th frame.");

    private readonly Option<int?> _frames = CountOption.Create("--frames", "Of a video or camera no more than N frames.");

    private readonly ExplainOptions _options;

    private readonly LabelsOption _labels;

    private readonly PreprocessingOptions _preprocessing;

    public ExplainCommand() : base("explain", "Shows which pixels made a network decide: maps of any layer, for any class, box or number.")
    {
        Arguments.Add(_model);
        Arguments.Add(_inputs);
        foreach (Option option in new Option[] { _out, _recursive, _every, _frames, CommonOptions.Threads, CommonOptions.Seed })
            Options.Add(option);
        _options = new ExplainOptions(this);
        _labels = new LabelsOption(this);
        _preprocessing = new PreprocessingOptions(this);
        this.WithMostUsed("--method", "--target", "--layer", "--out", "--labels");
        this.WithExamples(
            "trainer explain models/lenet.onnx digit.png --out why",
            "trainer explain net.onnx cat.jpg --method grad-cam,guided-backprop --target tabby,tabby-boxer --out why --check",
            "trainer explain net.onnx pictures --method all --layer all --out why",
            "trainer explain detector.onnx street.jpg --target box:all --out why",
            "trainer explain net.onnx clip.mp4 --every 10 --out why");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        ExplainRequest request = _options.Of(parsed) with
        {
            Labels = _labels.Of(parsed),
            Preprocessing = _preprocessing.Of(parsed),
        };
        if (request.Options.Threads is { } threads)
            set_num_threads(threads);
        if (OneDnn.EnsureCorrect() is { } remark)
            terminal.Note(remark);
        string folder = parsed.GetValue(_out)!;
        OnnxModel model = OnnxModel.Read(parsed.GetValue(_model)!);
        InputList inputs = InputList.Of(parsed.GetValue(_inputs)!, parsed.GetValue(_recursive), folder) with
        {
            Every = parsed.GetValue(_every) ?? 1,
            Frames = parsed.GetValue(_frames),
        };
        using var output = new OutputFolder(folder);
        var told = new HashSet<string>();
        using var explainer = new PictureExplainer(model, request) { Planned = plan => Tell(plan, terminal, told) };
        ExplainModelRecord hashed = ExplainModelRecord.Of(model);
        int done = inputs.IsSingle
            ? One(explainer, inputs, folder, hashed, request, terminal, cancel)
            : Many(explainer, inputs, folder, hashed, request, terminal, cancel);
        output.Complete();
        return done;
    }

    private static int One(PictureExplainer explainer, InputList inputs, string folder, ExplainModelRecord model, ExplainRequest request,
        Terminal terminal, CancellationToken cancel)
    {
        using InputRun run = explainer.Walk.Runs(inputs.Items(terminal.Note), cancel).First();
        if (run.Fault is { } fault)
            throw new BadInputException(fault);
        using Explained explained = explainer.Explain(run, cancel);
        ExplainManifest manifest = ExplainFolder.Write(folder, explained, model, request);
        Print(explained, terminal);
        terminal.Result($"{Path.Combine(folder, ExplainFolder.Page)}");
        terminal.JsonResult(manifest);
        return ExitCode.Done;
    }

    private static int Many(PictureExplainer explainer, InputList inputs, string folder, ExplainModelRecord model, ExplainRequest request,
        Terminal terminal, CancellationToken cancel)
    {
        var names = new SafeNames();
        List<ScoreRow> rows = [];
        List<OverviewEntry> entries = [];
        List<string> faults = [];
        using (Progress bar = terminal.Start("explaining", inputs.Count(), "inputs"))
            foreach (InputRun run in explainer.Walk.Runs(inputs.Items(bar.Note), cancel))
                using (run)
                {
                    try
                    {
                        if (run.Fault is { } fault)
                            throw new BadInputException(fault);
                        using Explained explained = explainer.Explain(run, cancel);
                        string name = names.Unique(run.Inputs[0].Item.Name);
                        ExplainManifest manifest = ExplainFolder.Write(Path.Combine(folder, name), explained, model, request);
                        rows.AddRange(ScoreTable.Rows(explained));
                        entries.Add(OverviewEntry.Of(name, manifest));
                    }
                    catch (BadInputException fault)
                    {
                        bar.Note($"left out: {fault.Message}");
                        faults.Add(fault.Message);
                    }

                    bar.Advance();
                }

        if (entries.Count == 0)
            throw new BadInputException($"none of the inputs could be explained; the first: {faults.FirstOrDefault() ?? "there was none"}");
        ScoreTable.Write(folder, rows);
        ExplainOverview.Write(folder, model, entries);
        terminal.Result($"{entries.Count} inputs explained{(faults.Count > 0 ? $", {faults.Count} left out" : "")}: "
            + $"{Path.Combine(folder, ExplainFolder.Page)}");
        terminal.JsonResult(new { Model = model.File, Inputs = entries, LeftOut = faults });
        return ExitCode.Done;
    }

    // The cost first: some methods take a thousand times as long as others.
    private static void Tell(ExplainPlan plan, Terminal terminal, HashSet<string> told)
    {
        foreach (LeftOutMethod left in plan.LeftOut)
            if (told.Add($"{left.Method} {left.Reason}"))
                terminal.Note($"left out: {left.Method}, {left.Reason}");
        MethodCost[] costly = [.. plan.Costs.OrderByDescending(cost => cost.ForwardPasses)];
        string named = string.Join(", ", costly.Take(MostNamed).Select(cost => $"{cost.Method} {Numbers.Short(cost.ForwardPasses)}"));
        double all = plan.Costs.Sum(cost => cost.ForwardPasses) + plan.ChecksCost;
        string cost = Numbers.Short(all);
        string line = $"cost: about {cost} forward {(cost == "1" ? "pass" : "passes")} an input ({named}"
            + $"{(costly.Length > MostNamed ? $", {costly.Length - MostNamed} more" : "")}"
            + $"{(plan.ChecksCost > 0 ? $", checks {Numbers.Short(plan.ChecksCost)}" : "")})";
        if (told.Add(line))
            terminal.Note(line);
    }

    private static string BoxLine(IReadOnlyList<BoxOrigin> boxes) => boxes.Count == 0 ? "no box"
        : string.Join(", ", boxes.Take(MostNamed).Select(box =>
            string.Create(CultureInfo.InvariantCulture, $"{box.Label} {box.Score:0.00}")))
            + (boxes.Count > MostNamed ? $", {boxes.Count - MostNamed} more" : "");

    // Where the map of the method that was named first peaks.
    private static string Words(Explained explained, ExplainedTarget target) =>
        BoxReading.Of(explained, target) is { } reading ? $"decided by {reading.Where}; " : "";

    private static void Print(Explained explained, Terminal terminal)
    {
        foreach (string remark in explained.Remarks)
            terminal.Note(remark);
        if (explained.Classes is { } classes)
            terminal.Result(string.Join(", ", classes.Ranked.Take(5).Select(read => $"{read.Label} {read.Probability:0.000}")));
        if (explained.Boxes is { } boxes)
            terminal.Result(BoxLine(boxes));
        foreach (ExplainedTarget target in explained.Targets)
            terminal.Result($"{target.Target.Name}: {Numbers.Short(target.Value)}, "
                + $"{Words(explained, target)}{target.Target.Description}");
        foreach (string line in MapWords.Lines(from map in explained.Maps
                                               from finding in map.Findings
                                               select (map.Key, finding.ToString(), $"{map.Map.Method} {finding.Fault}")))
            terminal.Result(line);
        foreach (string line in MapWords.Lines(from map in explained.Maps from note in map.Map.Notes select (map.Key, note, note)))
            terminal.Note(line);
        foreach (TrustReport trust in explained.Trust)
        {
            foreach (TrustCheck check in trust.Model)
                terminal.Result($"{check.Name}: {check.Words}");
            foreach (MapTrust map in trust.Maps)
                terminal.Result($"{map.Title}: {string.Join("; ", map.Checks.Select(check => check.Words))}");
            terminal.Result(trust.Verdict);
        }
    }
}
