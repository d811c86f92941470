namespace CnnOnnx.Torch.Attribution;

/// <summary>The methods of attribution: this is the list; there is no other.</summary>
public static class AttributionMethods
{
    internal static IReadOnlyList<MethodRow> Rows { get; } =
    [
        MethodRow.OfInput(PlainGradient.Method, (_, gradient, rules) => PlainGradient.Map(gradient, rules)),
        MethodRow.OfInput(GradientTimesInput.Method, (input, gradient, _) => GradientTimesInput.Map(input, gradient)),
        MethodRow.All(SmoothGrad.Mean, Noise, explanation => SmoothGrad.Run(explanation, SmoothGrad.Mean)),
        MethodRow.All(SmoothGrad.Squared, Noise, explanation => SmoothGrad.Run(explanation, SmoothGrad.Squared)),
        MethodRow.All(SmoothGrad.Variance, Noise, explanation => SmoothGrad.Run(explanation, SmoothGrad.Variance)),
        MethodRow.All(IntegratedGradients.Method,
            costs => Whole(costs) * (costs.Rules.Steps ?? Math.Min(3 * 16, costs.Options.MostSteps)) + 2, IntegratedGradients.Run),
        MethodRow.All(ExpectedGradients.Method,
            costs => Whole(costs) * Math.Max(costs.Options.Samples ?? costs.Rules.Samples, costs.Options.Baselines.Count),
            ExpectedGradients.Run) with { Refusal = WithoutBaselines },
        MethodRow.Each(GuidedBackprop.Method, Kept.Inputs | Kept.Rules, Whole, (explanation, target) =>
            GuidedBackprop.Run(explanation, target, GuidedBackprop.Method, Backward.Guided)) with { Refusal = WithoutActivations },
        MethodRow.Each(Deconvnet.Method, Kept.Inputs | Kept.Rules, Whole, (explanation, target) =>
            GuidedBackprop.Run(explanation, target, Deconvnet.Method, Backward.Deconvnet)) with { Refusal = WithoutActivations },
        MethodRow.All(ClassActivationMap.Method, costs => costs.Forward, ClassActivationMap.Run) with { Refusal = NoClassActivationMap },
        MethodRow.OfLayer(GradCam.Method, GradCam.Map),
        MethodRow.OfLayer(GradCamPlusPlus.Method, GradCamPlusPlus.Map),
        MethodRow.All(SmoothGradCamPlusPlus.Method, costs => (costs.Forward + costs.Targets * costs.LayerBackward)
            * (costs.Options.Samples ?? costs.Rules.CamSamples), SmoothGradCamPlusPlus.Run),
        MethodRow.OfLayer(XGradCam.Method, XGradCam.Map),
        MethodRow.OfLayer(HiResCam.Method, (activation, gradient, _) => HiResCam.Map(activation, gradient)),
        MethodRow.OfLayer(LayerCam.Method, (activation, gradient, _) => LayerCam.Map(activation, gradient)),
        MethodRow.OfLayer(ElementWiseCam.Method, (activation, gradient, _) => ElementWiseCam.Map(activation, gradient)),
        MethodRow.All(EigenCam.Method, costs => costs.Forward, Eigen),
        MethodRow.OfLayer(EigenGradCam.Method, (activation, gradient, _) => EigenGradCam.Map(activation, gradient)),
        MethodRow.Each(FullGrad.Method, Kept.Inputs | Kept.Biases, Whole, FullGrad.Run),
        MethodRow.Each(GuidedGradCam.Method, Kept.Layers | Kept.Inputs | Kept.Rules,
            costs => costs.Forward + 2 * costs.Targets * PassCosts.Backward, GuidedGradCam.Run) with { Refusal = WithoutActivations },
        MethodRow.All(ScoreCam.Method, costs => costs.Channels + 1, ScoreCam.Run),
        MethodRow.All(AblationCam.Method, costs => costs.AblatedSuffixes + 1, AblationCam.Run),
        MethodRow.All(ReciproCam.Method, costs => costs.PlaceSuffixes + 1, ReciproCam.Run),
        MethodRow.All(Occlusion.Method, costs => costs.Squares + 1, Occlusion.Run),
    ];

    /// <summary>All methods.</summary>
    public static IReadOnlyList<AttributionMethod> All { get; } = [.. Rows.Select(row => row.Method)];

    /// <summary>The method of a name.</summary>
    /// <param name="name">Hyphenated name, such as "grad-cam".</param>
    /// <exception cref="BadInputException">There is none; all names are said.</exception>
    public static AttributionMethod Find(string name) => Row(name).Method;

    internal static MethodRow Row(string name) => Rows.FirstOrDefault(row => row.Method.Name == name)
        ?? throw new BadInputException($"method '{name}' is not known, expected {string.Join(", ", All.Select(method => method.Name))}");

    private static double Whole(PassCosts costs) => costs.Forward + costs.Targets * PassCosts.Backward;

    private static double Noise(PassCosts costs) => Whole(costs) * (costs.Options.Samples ?? costs.Rules.Samples);

    // The same for every target.
    private static IEnumerable<AttributionMap> Eigen(Explanation explanation) => explanation.Targets.SelectMany(target =>
        explanation.Layers.Select(layer => explanation.Map(EigenCam.Method, layer, target, EigenCam.Map(explanation.Activation(layer)[0]),
            "does not depend on the target")));

    private static string? WithoutBaselines(Explanation explanation) =>
        explanation.Options.Baselines.Count == 0 ? "expected-gradients needs baselines: other pictures to compare with" : null;

    private static string? WithoutActivations(Explanation explanation) => explanation.ActivationRules.IsApplicable ? null
        : $"the model has no activation with a guided rule (Relu, Clip, LeakyRelu, PRelu, HardSwish, x·Sigmoid(x)) "
            + $"{(explanation.RulesRemark is { } remark ? $"; {remark}" : "")}".TrimStart();

    private static string? NoClassActivationMap(Explanation explanation)
    {
        try
        {
            ClassActivationMap.Find(explanation.Parts.Original, explanation.Targets);
            return null;
        }
        catch (OnnxException refusal)
        {
            return refusal.Message;
        }
    }
}
