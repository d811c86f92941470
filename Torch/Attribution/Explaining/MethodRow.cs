using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>A method and how it is run.</summary>
/// <param name="Method">What is said about it.</param>
/// <param name="Kept">What it asks the shared passes to keep.</param>
internal sealed record MethodRow(AttributionMethod Method, Kept Kept)
{
    /// <summary>Maps of one target, from the shared passes; null for a method that makes all at once.</summary>
    public Func<Explanation, AttributionTarget, IEnumerable<AttributionMap>>? OfTarget { get; private init; }

    /// <summary>Maps of all targets, from passes of its own; null for a method that takes target by target.</summary>
    public Func<Explanation, IEnumerable<AttributionMap>>? OfAll { get; private init; }

    /// <summary>Why a picture cannot be explained so, in words; null where it can.</summary>
    public Func<Explanation, string?> Refusal { get; init; } = _ => null;

    /// <summary>Cost in forward passes.</summary>
    public required Func<PassCosts, double> Cost { get; init; }

    /// <summary>A map [H, W] from activations and gradients of a layer, [C, H, W].</summary>
    public static MethodRow OfLayer(AttributionMethod method, Func<Tensor, Tensor, ConventionRules, Tensor> map) => new(method, Kept.Layers)
    {
        OfTarget = (explanation, target) => explanation.Layers.Select(layer =>
        {
            Tensor activation = explanation.Activation(layer)[0];
            return explanation.Gradient(layer) is { } gradient
                ? explanation.Map(method, layer, target, map(activation, gradient[0], explanation.Rules))
                : explanation.Blank(method, layer, target, activation[0]);
        }),
        Cost = costs => costs.Forward + costs.Targets * costs.LayerBackward,
    };

    /// <summary>A map [C, H, W] from an input and the gradient by it.</summary>
    public static MethodRow OfInput(AttributionMethod method, Func<Tensor, Tensor, ConventionRules, Tensor> map) => new(method, Kept.Inputs)
    {
        OfTarget = (explanation, target) => explanation.Explained.Select(input =>
        {
            Tensor x = explanation.InputPlanes(input)[0];
            return explanation.Gradient(input) is { } gradient
                ? explanation.Map(method, input, target, map(x.to(gradient.device), gradient[0], explanation.Rules))
                : explanation.Blank(method, input, target, x);
        }),
        Cost = costs => costs.Forward + costs.Targets * PassCosts.Backward,
    };

    /// <summary>A method that takes target by target.</summary>
    public static MethodRow Each(AttributionMethod method, Kept kept, Func<PassCosts, double> cost,
        Func<Explanation, AttributionTarget, IEnumerable<AttributionMap>> run) => new(method, kept) { OfTarget = run, Cost = cost };

    /// <summary>A method that makes the maps of all targets at once.</summary>
    public static MethodRow All(AttributionMethod method, Func<PassCosts, double> cost,
        Func<Explanation, IEnumerable<AttributionMap>> run) => new(method, Kept.Nothing) { OfAll = run, Cost = cost };
}
