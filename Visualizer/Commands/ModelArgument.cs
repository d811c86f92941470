using System.CommandLine;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>The model that a command works on.</summary>
internal static class ModelArgument
{
    public static Argument<string> Create() => new("MODEL") { Description = "An ONNX file." };
}
