using System.IO.Enumeration;
using CnnOnnx.Torch.Graph;
using TorchSharp.Modules;

namespace CnnOnnx.Torch.Training;

/// <summary>Keeps some of a network's parameters as they are.</summary>
internal static class Freezing
{
    /// <param name="globs">Parameter names with * and ?.</param>
    /// <exception cref="BadInputException">A glob that no parameter has, or nothing left to train.</exception>
    public static void Apply(OnnxModule module, string[] globs)
    {
        (string name, Parameter parameter)[] parameters = [.. module.named_parameters()];
        foreach (string glob in globs)
            if (!parameters.Any(p => FileSystemName.MatchesSimpleExpression(glob, p.name, ignoreCase: false)))
                throw new BadInputException($"--freeze '{glob}' is no parameter's name; this network has "
                    + $"{string.Join(", ", parameters.Take(8).Select(p => p.name))}{(parameters.Length > 8 ? ", …" : "")}");
        foreach ((string name, Parameter parameter) in parameters)
            if (globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false)))
                parameter.requires_grad = false;
        if (parameters.All(p => !p.parameter.requires_grad))
            throw new BadInputException($"--freeze leaves none of {parameters.Length} parameters to train");
    }
}
