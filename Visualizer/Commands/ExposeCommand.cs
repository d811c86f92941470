using System.CommandLine;
using System.Text.Json.Serialization;
using CnnOnnx.Cli;
using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer expose: the same model with its inner tensors as outputs.</summary>
internal static class ExposeCommand
{
    public static Command Create()
    {
        Argument<string> model = ModelArgument.Create();
        Option<string> to = new("--out") { Description = "The ONNX file to write.", HelpName = "FILE", Required = true };
        var command = new Command("expose", "Writes the model with every tensor, or a selection, as a graph output. Nothing else in the file changes.")
        {
            model, to,
        };
        var selection = new SelectionOptions(command);
        return command
            .WithExamples("visualizer expose lenet.onnx --out lenet-exposed.onnx", "visualizer expose net.onnx --ops Conv --out conv.onnx")
            .Does((parsed, terminal, _) =>
            {
                // Constants are tensors that nodes make, too: without a selection the outputs are all of those.
                ExposedFile file = ModelExposer.Write(parsed.GetValue(model)!, selection.Of(parsed) with { Constants = true }, parsed.GetValue(to)!);
                foreach (string remark in file.Remarks)
                    terminal.Note(remark);
                terminal.JsonResult(file, ExposedFileJson.Default.ExposedFile);
                terminal.Result($"{file.File}: {file.Outputs} outputs, {file.Added} of them added");
                return ExitCode.Done;
            });
    }
}

/// <summary>JSON of the result, made at compile time so that a program starts fast.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ExposedFile))]
internal sealed partial class ExposedFileJson : JsonSerializerContext;
