using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Parity;
using OpenCvSharp;

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

    private readonly Option<double> _scale =
        new("--noise") { Description = "Largest value of the noise.", HelpName = "X", DefaultValueFactory = _ => 1 };

    private readonly PreprocessingOptions _preprocessing;

    public ParityCommand() : base(
        "parity", "Runs a model in TorchSharp and in ONNX Runtime and compares every tensor; names the first node that is wrong itself.")
    {
        Arguments.Add(_model);
        Arguments.Add(_picture);
        Options.Add(_scale);
        Options.Add(CommonOptions.Seed);
        _preprocessing = new PreprocessingOptions(this);
        this.WithExamples("trainer parity models/lenet.onnx", "trainer parity net.onnx cat.jpg", "trainer parity net.onnx --size 640x640");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        OnnxModel model = OnnxModel.Read(parsed.GetValue(_model)!);
        using var check = new ParityCheck(model, preprocessing: _preprocessing.Of(parsed));
        using Activations theirs = Infer(check.Session, parsed, terminal, cancel);
        if (theirs.Guess is { } guess)
            terminal.Note(Assumptions.Line(guess, theirs.Preprocessing));
        foreach (string remark in theirs.Remarks.Concat(OneDnn.EnsureCorrect() is { } here ? [here] : []))
            terminal.Note(remark);
        ParityReport report = check.Compare(theirs);
        Print(report, terminal);
        terminal.JsonResult(new
        {
            Model = model.Source,
            report.Holds,
            Tensors = report.Tensors.Count,
            report.LargestDifference,
            First = report.First is { } wrong ? Told(wrong) : null,
            Wrong = Told(report, Finding.Wrong),
            Inherited = Told(report, Finding.Inherited),
            Rounding = Told(report, Finding.Rounding),
            OffSpecification = Told(report, Finding.OffSpecification),
            BothNaN = Told(report, Finding.BothNaN),
            report.Skipped,
        });
        return report.Holds ? ExitCode.Done : ExitCode.No;
    }

    private Activations Infer(ActivationSession session, ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        string? path = parsed.GetValue(_picture);
        using Mat? picture = path is null ? null : PictureFile.Read(path);
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
                : session.Run(ParityInputs.Noise(session.Model.Graph, parsed.GetValue(CommonOptions.Seed), parsed.GetValue(_scale),
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

    private static ToldTensor[] Told(ParityReport report, Finding finding) => [.. report.With(finding).Select(Told)];

    private static ToldTensor Told(TensorParity tensor) => new(tensor.Tensor, tensor.Node.Name, tensor.Node.OpType,
        double.IsFinite(tensor.Difference) ? tensor.Difference : null, tensor.Allowed, tensor.Problem, tensor.Reason,
        tensor.Verdict?.ToString());

    // A tensor that differs, as the result has it; no difference where there is no number.
    private sealed record ToldTensor(
        string Tensor, string Node, string Op, double? Difference, double Allowed, string? Problem, string? Reason, string? Verdict);
}
