using System.Globalization;

namespace CnnOnnx.Compare;

/// <summary>Change that ONNX Runtime's optimiser makes in the outputs of a model of which nothing else is asked for.</summary>
/// <param name="Output">The output that is furthest apart.</param>
/// <param name="RelativeError">‖b − a‖₂ / ‖a‖₂ of it.</param>
/// <param name="IsWithin">True when every output is within its tolerance.</param>
/// <param name="Guilty">Optimisers without which all outputs are within their tolerance.</param>
/// <param name="Effective">Optimisers that changed the graph at all, as far as they were tried.</param>
public sealed record OptimizerFinding(
    string Output, double RelativeError, bool IsWithin, IReadOnlyList<OptimizerSuspect> Guilty, IReadOnlyList<string> Effective)
{
    /// <summary>The finding in one sentence.</summary>
    public override string ToString()
    {
        string error = RelativeError.ToString("0.0e+0", CultureInfo.InvariantCulture);
        return IsWithin ? $"With nothing but its outputs asked for, and all fusions, '{Output}' is {error} apart, which is allowed."
            : Guilty.Count > 0 ? $"ONNX Runtime's optimiser is at fault: '{Output}' is {error} apart, and without "
                + $"{string.Join(" or without ", Guilty.Select(g => g.Name))} it is not."
            : $"ONNX Runtime's optimiser is at fault: '{Output}' is {error} apart, and no single one of the {Effective.Count} that "
                + "changed the graph makes it so.";
    }
}

/// <summary>An optimiser without which the difference is gone.</summary>
/// <param name="Name">Its name, as the setting optimization.disable_specified_optimizers takes it.</param>
/// <param name="RelativeError">Relative error that is left without it.</param>
public sealed record OptimizerSuspect(string Name, double RelativeError);
