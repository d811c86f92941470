using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Inspection;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer inspect: what a model is made of.</summary>
internal sealed class InspectCommand : Command
{
    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Option<bool> _all = new("--all")
    {
        Description = "Also the tensors without features: constants, shape arithmetic, single numbers.",
    };

    public InspectCommand() : base("inspect",
        "Inputs, outputs, blocks, layers, shapes, parameters and multiply-adds of a model, and what can be drawn of it.")
    {
        Arguments.Add(_model);
        Options.Add(_all);
        this.WithExamples(
            "visualizer inspect models/lenet.onnx", "visualizer inspect swin.onnx --all", "visualizer inspect resnet50.onnx --json");
        this.Does((parsed, terminal, _) => Run(parsed, terminal));
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        ModelFacts facts = ModelInspector.Inspect(parsed.GetValue(_model)!);
        terminal.JsonResult(facts, FactsJson.Default.ModelFacts);
        foreach (string line in FactsText.Lines(facts, parsed.GetValue(_all), terminal.Columns))
            terminal.Result(line);
        foreach (string remark in facts.Remarks)
            terminal.Note(remark);
        return ExitCode.Done;
    }
}
