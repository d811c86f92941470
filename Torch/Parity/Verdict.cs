using System.Globalization;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// Which engine is off where a node alone differs: the node in float64 on ONNX Runtime's own operands, against both. A sum over
/// a large map of nearly equal numbers loses digits in float32, and how many depends on how an engine adds up.
/// </summary>
/// <param name="Ours">How far TorchSharp is from float64.</param>
/// <param name="Theirs">How far ONNX Runtime is.</param>
/// <param name="Allowed">The usual tolerance for this tensor.</param>
/// <param name="OnNoise">
/// In units of the tolerance, how far the engines are apart on other operands, where no digits are lost: seeded noise in the
/// same shapes through the same node with the same weights. An operator that computes something else differs there as well.
/// </param>
internal sealed record Verdict(double Ours, double Theirs, double Allowed, double OnNoise)
{
    /// <summary>Times the usual tolerance that ONNX Runtime may be off, so 2.5e-3 of the largest magnitude.</summary>
    public const double MostOfTheirs = 25;

    /// <summary>TorchSharp is right, ONNX Runtime's error has the size of a rounding error, and the operator is the same.</summary>
    public bool Clears => Ours <= Allowed && Theirs <= MostOfTheirs * Allowed && OnNoise <= 1;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"from float64 on the same operands TorchSharp is {Ours:0.#e+0} off and ONNX Runtime {Theirs:0.#e+0} (at most {MostOfTheirs * Allowed:0.#e+0}); on noise they differ by {OnNoise:0.##} of the tolerance");
}
