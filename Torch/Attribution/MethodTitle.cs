namespace CnnOnnx.Torch.Attribution;

/// <summary>Names of methods as people write them: "Grad-CAM++" for grad-cam-plus-plus. Files keep the hyphenated ones.</summary>
internal static class MethodTitle
{
    private static readonly Dictionary<string, string> Written = new()
    {
        ["cam"] = "CAM",
        ["grad-cam"] = "Grad-CAM",
        ["grad-cam-plus-plus"] = "Grad-CAM++",
        ["smooth-grad-cam-plus-plus"] = "Smooth Grad-CAM++",
        ["xgrad-cam"] = "XGrad-CAM",
        ["hires-cam"] = "HiResCAM",
        ["layer-cam"] = "LayerCAM",
        ["grad-cam-elementwise"] = "Element-wise CAM",
        ["eigen-cam"] = "EigenCAM",
        ["eigen-grad-cam"] = "EigenGradCAM",
        ["score-cam"] = "Score-CAM",
        ["ablation-cam"] = "Ablation-CAM",
        ["recipro-cam"] = "ReciproCAM",
        ["guided-grad-cam"] = "Guided Grad-CAM",
        ["full-grad"] = "FullGrad",
        ["smooth-grad"] = "SmoothGrad",
        ["smooth-grad-squared"] = "SmoothGrad²",
        ["var-grad"] = "VarGrad",
        ["gradient-x-input"] = "Gradient × input",
    };

    /// <summary>Name for headings: as the paper has it, else with spaces and a capital.</summary>
    /// <param name="method">Hyphenated name.</param>
    public static string Of(string method) => Written.TryGetValue(method, out string? title) ? title
        : char.ToUpperInvariant(method[0]) + method[1..].Replace('-', ' ');
}
