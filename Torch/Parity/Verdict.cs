using System.Globalization;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// Judges a node that differs on the same operands, with float64 as arbiter of both engines. A sum over a large map of nearly
/// equal numbers loses digits in float32, and how many depends on how an engine adds up, and so on the processor.
/// </summary>
/// <param name="Ours">Largest distance of TorchSharp's result from that of float64.</param>
/// <param name="Theirs">Largest distance of ONNX Runtime's result from that of float64.</param>
/// <param name="Allowed">The usual tolerance for this tensor.</param>
/// <param name="OnNoise">
/// Largest distance of the engines, in units of the tolerance, on operands where no digits are lost: seeded noise in the same
/// shapes through the same node with the same weights. An operator that computes something else differs there as well.
/// </param>
internal sealed record Verdict(double Ours, double Theirs, double Allowed, double OnNoise)
{
    /// <summary>Largest rounding error in units of the usual tolerance: 2.5e-3 of the largest magnitude for float32.</summary>
    public const double MostRounding = 25;

    /// <summary>Both engines are off by no more than rounding errors, and the operator is the same.</summary>
    public bool Clears => Math.Max(Ours, Theirs) <= MostRounding * Allowed && OnNoise <= 1;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"from float64 on the same operands TorchSharp is {Ours:0.#e+0} off and ONNX Runtime {Theirs:0.#e+0} (at most "
        + $"{MostRounding * Allowed:0.#e+0}); on noise they differ by {OnNoise:0.##} of the tolerance");
}
