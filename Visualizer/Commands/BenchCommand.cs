using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Visualizer.Bench;
using CnnOnnx.Visualizer.Dump;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer bench: what a dump costs, and where the time goes.</summary>
internal sealed class BenchCommand : Command
{
    private const int StandardRuns = 15;

    // Of the picture that is drawn when none is given.
    private static readonly Size DrawnSize = new(640, 480);

    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Argument<string?> _input = new("INPUT")
    {
        Description = "A picture, .npy or .npz file; noise when not given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int?> _runs = CountOption.Create("--runs", $"Of which medians are taken; {StandardRuns} when not given.");

    private readonly Option<int?> _batch = CountOption.Create("--batch",
        "Pictures in a run, the same one so many times; 1 when not given.");

    private readonly SelectionOptions _selection;
    private readonly PreprocessingOptions _preprocessing;

    public BenchCommand() : base("bench", "Times the model, the model with all tensors, and each stage of a dump.")
    {
        Arguments.Add(_model);
        Arguments.Add(_input);
        Options.Add(_runs);
        Options.Add(_batch);
        _selection = new SelectionOptions(this);
        _preprocessing = new PreprocessingOptions(this);
        foreach (Option option in new Option[] { CommonOptions.Device, CommonOptions.Threads, CommonOptions.Seed })
            Options.Add(option);
        this.WithMostUsed("--runs", "--ops", "--device", "--batch", "--threads", "--size");
        this.WithExamples("visualizer bench net.onnx", "visualizer bench net.onnx cat.jpg --ops Conv --threads 2 --json");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        int threads = parsed.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount;
        var options = new DumpOptions
        {
            Activation = new ActivationOptions
            {
                Selection = _selection.Of(parsed),
                Preprocessing = _preprocessing.Of(parsed),
                Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
                Threads = threads,
                SharesProcessor = true,
            },
            // As with a folder of pictures, whose steady state this is.
            Without = DumpParts.Kernels | DumpParts.Pca,
            SelfContained = false,
            Batch = parsed.GetValue(_batch) ?? 1,
            Threads = threads,
        };
        using Mat noise = Noise(parsed.GetValue(CommonOptions.Seed));
        string? path = parsed.GetValue(_input);
        var bench = new DumpBench(parsed.GetValue(_model)!, options, parsed.GetValue(_runs) ?? StandardRuns);
        ModelInput Open() => path is null ? ModelInput.OfPicture("noise", noise) : ModelInput.Read(path);
        BenchResult result;
        using (Progress progress = terminal.Start("timing", bench.Steps, "runs"))
            result = bench.Run(Open, () => progress.Advance(), cancel);
        if (result.Guess is { } guess)
            terminal.Note(Assumptions.Line(guess, null));
        Show(result, terminal);
        terminal.JsonResult(result, BenchJson.Default.BenchResult);
        return ExitCode.Done;
    }

    private static string OfOne(BenchResult result) => result.Batch > 1 ? " of one picture" : "";

    private static Mat Noise(int seed)
    {
        var random = new Random(seed);
        var picture = new Mat(DrawnSize, MatType.CV_8UC3);
        random.NextBytes(picture.AsSpan<byte>());
        return picture;
    }

    private static void Show(BenchResult result, Terminal terminal)
    {
        terminal.Result($"{result.Model}: {result.Tensors} tensors, {ByteSize.Text(result.Bytes)}; "
            + $"{result.Device}, {result.Threads} threads, medians of {result.Runs}"
            + (result.Batch > 1 ? $", batches of {result.Batch}" : ""));
        if (result.OnCpu is [_, ..] onCpu)
            terminal.Note($"made on the CPU: {onCpu.Length} tensors, such as {string.Join(", ", onCpu.Take(5))}");
        if (result.CopiesPlainly)
            terminal.Note("copies: ONNX Runtime refused page-locked memory for these tensors, so they are copied the slower way");
        var remarks = new Dictionary<string, string>
        {
            [BenchResult.Plain] = "ONNX Runtime, the model as it is",
            [BenchResult.Exposed] = $"ONNX Runtime, all tensors outputs: {result.ExposedToPlain:0.00} of plain",
            [BenchResult.IntoMemory] = $"dump of all tensors into memory: {result.MemoryToExposed:0.00} of exposed, "
                + $"{result.ProcessorMemoryToExposed:0.00} by processor time",
            [BenchResult.OnDevice] = "the same as exposed, tensors left in the memory of the device",
            [BenchResult.Statistics] = $"of all tensors{OfOne(result)}",
            [BenchResult.Render] = $"mosaics{OfOne(result)}: {result.Megapixels:0.0} Mpixel, {result.RenderMegapixelsPerSecond:0} Mpixel/s",
            [BenchResult.Encode] = $"as PNG: {result.EncodedMegabytes:0.0} MB, {result.EncodeMegapixelsPerSecond:0} Mpixel/s",
            [BenchResult.Dump] = (result.Batch > 1 ? $"from {result.Batch} pictures to their folders" : "from a picture to its folder")
                + ", everything overlapping",
        };
        var table = new TextTable("stage", ">ms", ">processor ms", "");
        foreach (BenchStage stage in result.Stages)
            table.Add(stage.Name, $"{stage.Milliseconds:0.000}", $"{stage.ProcessorMilliseconds:0.000}", remarks[stage.Name]);
        foreach (string line in table.Lines())
            terminal.Result(line);
    }
}
