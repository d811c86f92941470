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
                throw new BadInputException($"'{glob}' is no parameter's name, so nothing of it can be frozen; this network has "
                    + $"{string.Join(", ", parameters.Take(8).Select(p => p.name))}{(parameters.Length > 8 ? ", …" : "")}")
                {
                    Remedy = Remedy.FreezeOthers,
                };
        foreach ((string name, Parameter parameter) in parameters)
            if (globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false)))
                parameter.requires_grad = false;
        if (parameters.All(p => !p.parameter.requires_grad))
            throw new BadInputException($"all {parameters.Length} parameters are frozen, expected one at least to train")
            {
                Remedy = Remedy.FreezeOthers,
            };
    }
}
