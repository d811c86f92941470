namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Guided backpropagation: the gradient by the input, where each activation lets only positive gradients through and only where it was
/// active. Springenberg et al. 2014, https://arxiv.org/abs/1412.6806. It draws edges and depends little on the target (Adebayo et al.
/// 2018, https://arxiv.org/abs/1810.03292).
/// </summary>
internal static class GuidedBackprop
{
    public static AttributionMethod Method { get; } = new("guided-backprop", AttributionKind.Input, AttributionNeeds.Gradient,
        "∂y/∂x with max(g, 0) where an activation is active, 0 elsewhere", "Springenberg et al. 2014, https://arxiv.org/abs/1412.6806");

    /// <summary>The gradient with the rules of a pass, for each explained input.</summary>
    public static IEnumerable<AttributionMap> Run(
        Explanation explanation, AttributionTarget target, AttributionMethod method, Backward backward)
    {
        foreach (string input in explanation.Explained)
        {
            yield return explanation.Gradient(input, backward) is { } gradient
                ? explanation.Map(method, input, target, gradient[0], explanation.RulesRemark)
                : explanation.Blank(method, input, target, explanation.InputPlanes(input)[0]);
        }
    }
}
