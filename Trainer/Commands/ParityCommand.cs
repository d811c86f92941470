using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Compare;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Parity;
using OpenCvSharp;
using CompareOptions = CnnOnnx.Compare.CompareOptions;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer parity: does TorchSharp compute what ONNX Runtime computes?</summary>
internal sealed class ParityCommand : Command
{
    // Reasons that are named one by one.
    private const int Shown = 5;

    // Height and width of noise where nothing says them: what most classifiers take.
    private const int OpenSide = 224;

    private readonly Argument<string> _model = new("model") { Description = "The model.", HelpName = "MODEL.onnx" };

    private readonly Argument<string?> _picture = new("image")
    {
        Description = "A picture to run on; seeded noise when not given.",
        HelpName = "IMAGE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<double?> _scale = NumberOptions.Number("--noise", "Largest value of the noise; 1 when not given.",
        x => x > 0 && double.IsFinite(x), "above 0");

    private readonly Option<double?> _relative = NumberOptions.Tolerance("--rtol",
        "Bound of the relative error, taken by the letter; by type when not given, and then rounding is no fault.");

    private readonly Option<double?> _absolute = NumberOptions.Tolerance("--atol",
        "Difference that never counts; by type and magnitude when not given.");

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Folder for a report as visualizer compare writes it: page, JSON, and the first wrong node with its inputs.",
        HelpName = "DIR",
    };

    private readonly PreprocessingOptions _preprocessing;

    public ParityCommand() : base(
        "parity", "Runs a model in TorchSharp and in ONNX Runtime and compares every tensor; names the first node that is wrong itself.")
    {
        Arguments.Add(_model);
        Arguments.Add(_picture);
        Options.Add(_scale);
        Options.Add(_relative);
        Options.Add(_absolute);
        Options.Add(_out);
        Options.Add(CommonOptions.Seed);
        _preprocessing = new PreprocessingOptions(this);
        this.WithExamples("trainer parity models/lenet.onnx", "trainer parity net.onnx cat.jpg",
            "trainer parity net.onnx cat.jpg --out parity",
            "trainer parity net.onnx --size 640x640");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        OnnxModel model = OnnxModel.Read(parsed.GetValue(_model)!);
        (string? folder, string? path) = (parsed.GetValue(_out), parsed.GetValue(_picture));
        var rules = new ParityRules(new CompareOptions
        {
            Relative = parsed.GetValue(_relative),
            Absolute = parsed.GetValue(_absolute),
            KeepsMaps = folder is not null,
        });
        using var check = new ParityCheck(model, preprocessing: _preprocessing.Of(parsed), rules: rules);
        using Mat? picture = path is null ? null : PictureFile.Read(path);
        byte[]? jpeg = picture is null ? null : InputPicture.Jpeg(picture, ComparisonFolder.PictureSide);
        using Activations theirs = Infer(check.Session, picture, parsed, terminal, cancel);
        if (theirs.Guess is { } guess)
            terminal.Note(Assumptions.Line(guess, theirs.Preprocessing));
        foreach (string remark in theirs.Remarks.Concat(OneDnn.EnsureCorrect() is { } here ? [here] : []))
            terminal.Note(remark);
        ParityReport report = check.Compare(theirs);
        Print(report, terminal);
        ComparisonResult result = ParityComparison.Of(model.Source, theirs, report);
        string? page = folder is null ? null : ComparisonFolder.Write(folder, result, jpeg, Path.GetFileName(path) ?? "noise");
        if (page is not null || !report.Holds)
            terminal.Result(result.Verdict.Headline);
        if (page is not null)
            terminal.Result(page);
        terminal.JsonResult(ComparisonJson.Of(result));
        return report.Holds ? ExitCode.Done : ExitCode.No;
    }

    private Activations Infer(ActivationSession session, Mat? picture, ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        PictureInput? input = PictureInput.Find(session.Model.Graph) is { } found && found.Axes != PictureAxes.Flat ? found : null;
        InputSpec? spec = input is null ? null : session.SpecFor(picture?.Size() ?? new Size(OpenSide, OpenSide));
        string? size = input is { NeedsPictureSize: true }
            ? $"input '{input.Name}' leaves its size open: {spec!.Height}x{spec.Width} is taken, --size takes another"
            : null;
        if (size is not null)
            terminal.Note(size);
        try
        {
            return picture is not null
                ? session.Run(picture, cancel)
                : session.Run(ParityInputs.Noise(session.Model.Graph, parsed.GetValue(CommonOptions.Seed), parsed.GetValue(_scale) ?? 1,
                    spec is null ? null : (spec.Height, spec.Width)), cancel);
        }
        catch (OnnxException fault) when (size is not null && !fault.Message.Contains("--size", StringComparison.Ordinal))
        {
            throw new BadInputException($"{fault.Message}; {size}", fault);
        }
    }

    private static void Print(ParityReport report, Terminal terminal)
    {
        // One line for each reason: a random or unsupported node takes all with it that is computed from its results.
        IGrouping<string, SkippedTensor>[] reasons = [.. report.Skipped.GroupBy(s => s.Reason)];
        foreach (IGrouping<string, SkippedTensor> skipped in reasons.Take(Shown))
            terminal.Note($"not compared: '{skipped.First().Name}'{(skipped.Count() > 1 ? $" and {skipped.Count() - 1} more" : "")} "
                + $"{skipped.Key}");
        if (reasons.Length > Shown)
            terminal.Note($"not compared: {reasons.Skip(Shown).Sum(r => r.Count())} more for {reasons.Length - Shown} other reasons");
        foreach (TensorParity told in report.With(Finding.Rounding).Concat(report.With(Finding.OffSpecification))
            .Concat(report.With(Finding.BothNaN)))
            terminal.Result($"no fault: {told}");
        IReadOnlyList<TensorParity> inherited = report.With(Finding.Inherited);
        if (inherited.MaxBy(t => t.OfAllowed) is { } largest)
            terminal.Result($"{inherited.Count} differ by what is before them, each agrees on ONNX Runtime's operands; the most: "
                + $"{largest}");
        if (report.First is { } first)
            terminal.Result($"{report.With(Finding.Wrong).Count} of {report.Tensors.Count} tensors differ by a node's own fault; "
                + $"the first: {first}");
        else
            terminal.Result(Counts(report));
    }

    private static string Counts(ParityReport report)
    {
        int agree = report.With(Finding.Agrees).Count, differ = report.Tensors.Count - agree;
        string others = differ == 0 ? "" : $", {differ} differ and no node is wrong";
        string closest = report.Largest is { } largest
            ? $"; largest difference {report.LargestDifference:0.##e+0}, the closest to its limit: {largest}"
            : "";
        return $"{agree} of {report.Tensors.Count} tensors agree{others}{closest}";
    }
}
