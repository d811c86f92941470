using System.Globalization;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Compares the gradient of a target by the input with differences: the target a little further in some direction and a little
/// further back. Both in float64, so that what is left is the curve between the two points and not rounding.
/// </summary>
internal static class GradientCheck
{
    private const int Directions = 4;

    // Step as a share of the input's spread. Half the digits of float64 are left for the difference.
    private const double Step = 1e-6;

    // A unit that switches between the two points bends the target there: then they differ by the share of such units.
    private const double Holds = 1e-3, Partly = 2e-2;

    /// <summary>Runs the check.</summary>
    /// <param name="model">The model as it is explained.</param>
    /// <param name="inputs">Inputs of the run; the first that is a floating point tensor is moved.</param>
    /// <param name="target">The target.</param>
    /// <param name="seed">Seed of the directions.</param>
    public static TrustCheck Run(OnnxModel model, IReadOnlyList<(string Name, Tensor Value)> inputs, AttributionTarget target, int seed)
    {
        const string Name = "gradient equals differences";
        OnnxModel own = model.Inlined;
        if (own.Graph.Nodes.FirstOrDefault(node => OperatorFacts.Of(node).Quantizes) is { } rounding)
            return new TrustCheck(Name, TrustOutcome.LeftOut,
                $"not done: {rounding} rounds to whole numbers, where differences are zero or jumps");
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using var parts = new ModelParts(own, new ExplainerOptions());
            // Where half precision was widened, from behind the widening: it makes single precision of anything.
            (string Name, Tensor Value)[] given = [.. inputs.Select(input => (parts.Differentiated(input.Name), input.Value))];
            string[] inside = [.. given.Select(input => input.Name).Where(name => parts.Graph.Producer(name) is not null)];
            using var module = new OnnxModule(parts.Differentiable, CPU, TargetScalar.Tensors([target]), inside.Length > 0
                ? [.. given.Select(input => input.Name)] : null);
            _ = module.to(ScalarType.Float64);
            module.eval();
            double worst = Worst(module, given, target, seed);
            TrustOutcome outcome = worst <= Holds ? TrustOutcome.Holds : worst <= Partly ? TrustOutcome.Partly : TrustOutcome.Fails;
            return new TrustCheck(Name, outcome,
                string.Create(CultureInfo.InvariantCulture,
                    $"the gradient along {Directions} random directions differs from differences by {worst:0.0e+0} of them"), worst);
        }
        catch (BadInputException fault)
        {
            // An operator that has no float64, or no gradient at all, which the maps themselves would have told.
            return new TrustCheck(Name, TrustOutcome.LeftOut, $"not done: {fault.Message}");
        }
    }

    private static double Worst(OnnxModule module, IReadOnlyList<(string Name, Tensor Value)> inputs, AttributionTarget target, int seed)
    {
        (string Name, Tensor Value)[] given = [.. inputs.Select(input =>
            (input.Name, input.Value.is_floating_point() ? input.Value.to(ScalarType.Float64) : input.Value))];
        int moved = Array.FindIndex(given, input => input.Value.is_floating_point());
        if (moved < 0)
            throw new BadInputException("no input has floating point numbers");
        string[] tensors = TargetScalar.Tensors([target]);
        Tensor gradient;
        using (GradientRun run = module.RunForGradients(given, [given[moved].Name, .. tensors]))
            gradient = run.Gradients(TargetScalar.Of(target, name => run[name], module.Model.Source), given[moved].Name)[0];
        using Generator generator = new((ulong)seed);
        double step = Step * Math.Max(1e-3, given[moved].Value.std().ToDouble());
        List<(double Along, double Difference)> seen = [];
        for (int i = 0; i < Directions; i++)
        {
            Tensor direction = randn(given[moved].Value.shape, dtype: ScalarType.Float64, generator: generator);
            double ahead = At(step, direction), behind = At(-step, direction);
            seen.Add(((gradient * direction).sum().ToDouble(), (ahead - behind) / (2 * step)));
        }

        // A direction along which nothing changes is measured by the others.
        double size = seen.Max(pair => Math.Max(Math.Abs(pair.Along), Math.Abs(pair.Difference)));
        return size == 0 ? 0 : seen.Max(pair => Math.Abs(pair.Along - pair.Difference)) / size;

        double At(double distance, Tensor direction)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            (string, Tensor)[] changed = [.. given.Select((input, i) =>
                (input.Name, i == moved ? input.Value + distance * direction : input.Value))];
            Tensor[] values = module.Run(changed, tensors);
            return TargetScalar.Of(target, name => values[Array.IndexOf(tensors, name)], module.Model.Source).ToDouble();
        }
    }
}
