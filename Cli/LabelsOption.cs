using System.CommandLine;
using CnnOnnx.Onnx;

namespace CnnOnnx.Cli;

/// <summary>Names of the classes on the command line.</summary>
internal sealed class LabelsOption
{
    private readonly Option<string> _labels = new("--labels")
    {
        Description = "Names of the classes: a file with a name a line, or JSON; imagenet; coco; coco91 (COCO's numbers 1 to 90). Those in the model when not given.",
        HelpName = "FILE|imagenet|coco",
    };

    /// <param name="command">The option is added to it.</param>
    public LabelsOption(Command command) => command.Options.Add(_labels);

    /// <summary>The names; null when none were asked for.</summary>
    /// <exception cref="BadInputException">There is no such file, or it holds no names.</exception>
    public string[]? Of(ParseResult parsed) => parsed.GetValue(_labels) is { } name ? ClassNames.Read(name) : null;
}
