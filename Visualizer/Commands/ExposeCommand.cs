using System.CommandLine;
using System.Text.Json.Serialization;
using CnnOnnx.Cli;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer expose: the same model with its inner tensors as outputs.</summary>
internal sealed class ExposeCommand : Command
{
    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The ONNX file to write.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly SelectionOptions _selection;

    public ExposeCommand() : base("expose",
        "Writes the model with every tensor, or a selection, as a graph output. Nothing else in the file changes.")
    {
        Arguments.Add(_model);
        Options.Add(_out);
        _selection = new SelectionOptions(this);
        this.WithMostUsed("--out", "--tensors", "--ops", "--stages", "--last");
        this.WithExamples("visualizer expose lenet.onnx --out lenet-exposed.onnx", "visualizer expose net.onnx --ops Conv --out conv.onnx");
        this.Does((parsed, terminal, _) => Run(parsed, terminal));
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        // Constants are tensors that nodes make, too: without a selection the outputs are all of those.
        TensorSelection selection = _selection.Of(parsed) with { Constants = true };
        ExposedFile file = ModelExposer.Write(parsed.GetValue(_model)!, selection, parsed.GetValue(_out)!);
        foreach (string remark in file.Remarks)
            terminal.Note(remark);
        terminal.JsonResult(file, ExposedFileJson.Default.ExposedFile);
        terminal.Result($"{file.File}: {file.Outputs} outputs, {file.Added} of them added");
        return ExitCode.Done;
    }
}

/// <summary>JSON of the result, made at compile time so that a program starts fast.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ExposedFile))]
internal sealed partial class ExposedFileJson : JsonSerializerContext;
