using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Cluster;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer cluster: a plan as a job for a scheduler, printed.</summary>
internal sealed partial class ClusterCommand : Command
{
    private const string Slurm = "slurm", Kubernetes = "k8s", Dockerfile = "dockerfile";

    private readonly Argument<string> _scheduler = new("KIND")
    {
        Description = "slurm for an sbatch file, k8s for a Job's YAML, dockerfile for the image that its pods run.",
    };

    private readonly Option<string> _plan = Text("--plan", "PLAN.json",
        "The plan; workers of Slurm read it at the same path, pods in the folder of --mount.");
    private readonly Option<string> _out = Text("--out", "DIR", "Folder of the shards, as workers see it.", "-o");
    private readonly Option<string> _merge = Text("--merge", "DIR",
        "In place of the workers' job the one after it, which merges the shards into this folder.");
    private readonly Option<string> _model = Text("--model", "MODEL", "The model, where workers see it elsewhere.");
    private readonly Option<string> _root = Text("--root", "DIR", "The inputs' folder, where workers see it elsewhere.");
    private readonly Option<string> _program = Text("--program", "PATH",
        "The program as Slurm's workers call it (visualizer when not given), or its built folder for a Dockerfile.");
    private readonly Option<int?> _processors = CountOption.Create("--cpus", "Processors of a worker; 2 when not given.");
    private readonly Option<string> _memory = Text("--memory", "SIZE", "Memory of a worker; 4GiB when not given.");
    private readonly Option<int?> _atOnce = CountOption.Create("--parallel", "Most workers at once.");
    private readonly Option<string> _time = Text("--time", "TIME",
        "Longest time of a task of Slurm, such as 4:00:00; one that needs longer is queued again and goes on.");
    private readonly Option<string> _image = Text("--image", "NAME", "Image of the pods; cnnonnx when not given.");
    private readonly Option<string> _claim = Text("--claim", "NAME",
        "PersistentVolumeClaim with plan, model and inputs, for the shards, too; cnnonnx when not given.");
    private readonly Option<string> _mount = Text("--mount", "DIR", "Where pods see it; /data when not given.");

    public ClusterCommand() : base("cluster", "Prints a plan as a job for a scheduler: a worker for each shard, or the merge after them.")
    {
        _scheduler.AcceptOnlyFromAmong(Slurm, Kubernetes, Dockerfile);
        Arguments.Add(_scheduler);
        foreach (Option option in new Option[] { _plan, _out, _merge, _model, _root, _program, _processors, _memory, _atOnce, _time, _image,
            _claim, _mount })
            Options.Add(option);
        Validators.Add(Check);
        this.WithMostUsed("--plan", "--out", "--merge", "--cpus", "--memory", "--parallel");
        this.WithExamples(
            "visualizer cluster slurm --plan plan.json --out shards --cpus 4 --time 2:00:00 > dump.sbatch",
            "visualizer cluster slurm --plan plan.json --out shards --merge merged > merge.sbatch",
            "visualizer cluster k8s --plan plan.json --out /data/shards --model /data/net.onnx --root /data/pictures > dump.yaml",
            "visualizer cluster dockerfile > Dockerfile");
        this.Does((parsed, terminal, _) => Run(parsed, terminal));
    }

    private void Check(CommandResult line)
    {
        if (line.GetResult(_scheduler) is not { Tokens: [{ Value: var kind }] } || kind is not (Slurm or Kubernetes or Dockerfile))
            return;
        if (kind != Dockerfile)
            foreach (Option needed in new[] { _plan, _out }.Where(option => !IsGiven(option)))
                line.AddError($"{needed.Name} {needed.HelpName} is missing: {needed.Description}");
        Option[] foreign = kind switch
        {
            Slurm => [_image, _claim, _mount],
            Kubernetes => [_time, _program],
            _ => [_plan, _out, _merge, _model, _root, _processors, _memory, _atOnce, _time, _image, _claim, _mount],
        };
        foreach (Option option in foreign.Where(IsGiven))
            line.AddError($"{option.Name} means nothing for {kind}; leave it out");
        if (line.GetResult(_time) is { Tokens: [{ Value: var time }] } && !SlurmTime().IsMatch(time))
            line.AddError($"--time is '{time}', expected what Slurm takes, such as 4:00:00 or 1-12");

        bool IsGiven(Option option) => line.GetResult(option) is { Implicit: false };
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        string kind = parsed.GetValue(_scheduler)!;
        string text = kind == Dockerfile ? ContainerFile.Of(parsed.GetValue(_program) ?? "artifacts/bin/Visualizer/release")
            : kind == Slurm ? SlurmScript.Of(JobOf(parsed), parsed.GetValue(_program) ?? "visualizer", parsed.GetValue(_time))
            : PodsOf(parsed);
        terminal.Result(text.TrimEnd('\n'));
        terminal.JsonResult(new JobText(kind, text));
        return ExitCode.Done;
    }

    private string PodsOf(ParseResult parsed)
    {
        string mount = parsed.GetValue(_mount) ?? "/data";
        ClusterJob job = JobOf(parsed) with { PlanPath = $"{mount.TrimEnd('/')}/{Path.GetFileName(parsed.GetValue(_plan)!)}" };
        return KubernetesJob.Of(job, parsed.GetValue(_image) ?? "cnnonnx", parsed.GetValue(_claim) ?? "cnnonnx", mount);
    }

    private ClusterJob JobOf(ParseResult parsed)
    {
        string path = parsed.GetValue(_plan)!;
        var job = new ClusterJob
        {
            Plan = ShardPlan.Read(path),
            PlanPath = path,
            Shards = parsed.GetValue(_out)!,
            Merged = parsed.GetValue(_merge),
            Model = parsed.GetValue(_model),
            Root = parsed.GetValue(_root),
            AtOnce = parsed.GetValue(_atOnce),
        };
        return job with
        {
            Processors = parsed.GetValue(_processors) ?? job.Processors,
            Memory = parsed.GetValue(_memory) is { } size ? MebibytesOf(size) : job.Memory,
        };
    }

    private sealed record JobText(string Kind, string Text);

    private static Option<string> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    private int MebibytesOf(string size) => (int)Math.Max(1, ByteSize.Parse(size, _memory.Name) >> 20);

    // Minutes, minutes:seconds, hours:minutes:seconds, and days in front of hours.
    [GeneratedRegex(@"^(\d+(:\d+){0,2}|\d+-\d+(:\d+){0,2})$")]
    private static partial Regex SlurmTime();
}
