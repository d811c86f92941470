using System.CommandLine;
using System.CommandLine.Parsing;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Cluster;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer cluster: a plan as a job for a scheduler, printed.</summary>
internal sealed class ClusterCommand : Command
{
    private const string Slurm = "slurm", Kubernetes = "k8s", Dockerfile = "dockerfile";

    private readonly Argument<string> _scheduler = new("KIND")
    {
        Description = "slurm for an sbatch file, k8s for a Job's YAML, dockerfile for the image that its pods run.",
    };

    private readonly Option<string> _plan = new("--plan")
    {
        Description = "The plan; workers of Slurm read it at the same path, pods in the folder of --mount.",
        HelpName = "PLAN.json",
    };

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "Folder of the shards, as workers see it.",
        HelpName = "DIR",
    };

    private readonly Option<string> _merge = new("--merge")
    {
        Description = "In place of the workers' job the one after it, which merges the shards into this folder.",
        HelpName = "DIR",
    };

    private readonly Option<string> _model = new("--model")
    {
        Description = "The model, where workers see it elsewhere.",
        HelpName = "MODEL",
    };

    private readonly Option<string> _root = new("--root")
    {
        Description = "The inputs' folder, where workers see it elsewhere.",
        HelpName = "DIR",
    };

    private readonly Option<string> _program = new("--program")
    {
        Description = "The program as Slurm's workers call it (visualizer when not given), or its built folder for a Dockerfile.",
        HelpName = "PATH",
    };

    private readonly Option<int?> _processors = CountOption.Create("--cpus", "Processors of a worker; 2 when not given.");

    private readonly Option<string> _memory = new("--memory")
    {
        Description = "Memory of a worker; 4GiB when not given.",
        HelpName = "SIZE",
    };

    private readonly Option<int?> _atOnce = CountOption.Create("--parallel", "Most workers at once.");

    private readonly Option<string> _time = new("--time")
    {
        Description = "Longest time of a task of Slurm, such as 4:00:00; one that needs longer is queued again and goes on.",
        HelpName = "TIME",
    };

    private readonly Option<string> _image = new("--image")
    {
        Description = "Image of the pods; cnnonnx when not given.",
        HelpName = "NAME",
    };

    private readonly Option<string> _claim = new("--claim")
    {
        Description = "PersistentVolumeClaim with plan, model and inputs, for the shards, too; cnnonnx when not given.",
        HelpName = "NAME",
    };

    private readonly Option<string> _mount = new("--mount") { Description = "Where pods see it; /data when not given.", HelpName = "DIR" };

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

        bool IsGiven(Option option) => line.GetResult(option) is { Implicit: false };
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        string kind = parsed.GetValue(_scheduler)!;
        string text = kind == Dockerfile ? ContainerFile.Of(parsed.GetValue(_program) ?? "artifacts/bin/Visualizer/release")
            : kind == Slurm ? SlurmScript.Of(JobOf(parsed), parsed.GetValue(_program) ?? "visualizer", parsed.GetValue(_time))
            : PodsOf(parsed);
        terminal.Result(text.TrimEnd('\n'));
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

    private int MebibytesOf(string size) => (int)Math.Max(1, ByteSize.Parse(size, _memory.Name) >> 20);
}
