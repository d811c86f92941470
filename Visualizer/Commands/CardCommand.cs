using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Onnx;
using CnnOnnx.Visualizer.Inspection;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer card: what a model says about its input, classes and stages, read and written.</summary>
internal sealed class CardCommand : Command
{
    private const int ShownLabels = 10;

    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "The ONNX file to write, with this card; the model's own file to change it in place.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _stages = new("--stages")
    {
        Description = "Ends of the stages, from input to output, such as block1=relu1,block2=relu2.",
        HelpName = "NAME=TENSOR,…",
    };

    private readonly LabelsOption _labels;
    private readonly PreprocessingOptions _preprocessing;

    public CardCommand() : base("card",
        "Shows the model card: how pictures become the input, names of classes, stages; what is missing is guessed. With --out writes it.")
    {
        Arguments.Add(_model);
        Options.Add(_out);
        _preprocessing = new PreprocessingOptions(this);
        _labels = new LabelsOption(this);
        Options.Add(_stages);
        this.WithExamples(
            "visualizer card models/lenet.onnx",
            "visualizer card squeezenet.onnx --preset caffe --labels imagenet --out squeezenet-card.onnx",
            "visualizer card net.onnx --size 320x320 --labels coco.names --stages stem=relu1,neck=add5 --out net.onnx",
            "visualizer card net.onnx --json");
        this.Does((parsed, terminal, _) => Run(parsed, terminal));
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        string[]? stages = parsed.GetValue(_stages) is { Length: > 0 } given
            ? [.. given.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))]
            : null;
        var model = OnnxModel.Read(parsed.GetValue(_model)!);
        (Func<Imaging.InputSpec, Imaging.InputSpec>? change, string[]? labels) = (_preprocessing.Of(parsed), _labels.Of(parsed));
        string? path = parsed.GetValue(_out);
        if (path is null && (change is not null || labels is not null || stages is not null))
            throw new BadInputException("--out FILE is missing: options change the card of a file that is written; "
                + "--out with the model's own name changes it in place");
        var facts = CardFacts.Of(model, change, labels, stages);
        if (path is not null)
            facts = facts.WriteTo(model, path);
        terminal.JsonResult(facts, CardFactsJson.Default.CardFacts);
        foreach (string line in Lines(facts))
            terminal.Result(line);
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(CardFacts facts)
    {
        yield return $"input      {facts.Input?.ToString() ?? "none"} ({facts.InputSource})";
        yield return facts.Labels is not { } labels ? "labels     none: --labels FILE names the classes"
            : $"labels     {labels.Length}: {string.Join(", ", labels.Take(ShownLabels))}{(labels.Length > ShownLabels ? ", …" : "")} "
                + $"({facts.LabelsSource})";
        if (facts.LabelsRemark is { } remark)
            yield return $"           {remark}";
        yield return facts.Stages is not { Count: > 0 } stages ? "stages     none: --stages NAME=TENSOR,… names them"
            : $"stages     {string.Join(", ", stages.Select(s => $"{s.Key} = {s.Value}"))}";
        if (facts.Training is { } training)
            yield return $"training   {TrainingLine.Of(training)}";
        if (facts.File is { } file)
            yield return $"{file}: written with this card";
    }
}
