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
    private const int Shown = 5;

    private readonly Argument<string> _model = new("model") { Description = "The model.", HelpName = "MODEL.onnx" };

    private readonly Argument<string?> _picture = new("image")
    {
        Description = "A picture to run on; seeded noise when not given.",
        HelpName = "IMAGE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<double> _scale = new("--noise") { Description = "Largest value of the noise.", HelpName = "X", DefaultValueFactory = _ => 1 };

    public ParityCommand() : base("parity", "Runs a model in TorchSharp and in ONNX Runtime and compares every tensor; names the first that differs.")
    {
        Arguments.Add(_model);
        Arguments.Add(_picture);
        Options.Add(_scale);
        this.WithExamples("trainer parity models/lenet.onnx", "trainer parity net.onnx cat.jpg");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        OnnxModel model = OnnxModel.Read(parsed.GetValue(_model)!);
        using var check = new ParityCheck(model);
        using Activations theirs = Infer(check.Session, parsed, cancel);
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
            First = report.First?.ToString(),
            report.Inherited,
            Cleared = report.Cleared.Select(t => t.ToString()),
            report.Skipped,
        });
        return report.Holds ? ExitCode.Done : ExitCode.No;
    }

    private Activations Infer(ActivationSession session, ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(_picture) is not { } path)
            return session.Run(ParityInputs.Noise(session.Model.Graph, parsed.GetValue(CommonOptions.Seed), parsed.GetValue(_scale)), cancel);
        using Mat picture = PictureFile.Read(path);
        return session.Run(picture, cancel);
    }

    private static void Print(ParityReport report, Terminal terminal)
    {
        foreach (SkippedTensor skipped in report.Skipped.Take(Shown))
            terminal.Note($"not compared: '{skipped.Name}' {skipped.Reason}");
        if (report.Skipped.Count > Shown)
            terminal.Note($"not compared: {report.Skipped.Count - Shown} more");
        foreach (TensorParity cleared in report.Cleared)
            terminal.Result($"ONNX Runtime is the less exact: {cleared}");
        if (report.First is { } first)
            terminal.Result($"{report.Tensors.Count(t => !t.Agrees)} of {report.Tensors.Count} tensors differ; the first: {first}");
        else
            terminal.Result($"{report.Tensors.Count - report.Cleared.Count - report.Inherited} of {report.Tensors.Count} tensors agree; largest difference {report.LargestDifference:0.##e+0}, the closest to its limit: {report.Largest}{Others(report)}");
    }

    private static string Others(ParityReport report) =>
        (report.Cleared.Count == 0 ? "" : $"; in {report.Cleared.Count} ONNX Runtime is off")
        + (report.Inherited == 0 ? "" : $"; {report.Inherited} differ by {(report.Rounds ? "roundings of a quantiser" : "what is")} before them, each agrees on ONNX Runtime's operands");
}
