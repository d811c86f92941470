namespace CnnOnnx.Torch.Attribution;

/// <summary>What a convention decides, in numbers; the defaults are those of the papers.</summary>
internal sealed record ConventionRules
{
    private static readonly Dictionary<Convention, ConventionRules> Table = new()
    {
        [Convention.Paper] = new(),
        [Convention.PytorchGradCam] = new()
        {
            PlusPlusEpsilon = 1e-6,
            XGradEpsilon = 1e-7,
            AblationFarBelow = true,
            ScoreAlignsCorners = true,
            GuidedMask = GuidedMask.Scaled,
            FullGradByChannel = true,
            GuidesReluOnly = true,
            IsShownPositive = true,
        },
        [Convention.TorchCam] = new()
        {
            PlusPlusCubes = true,
            XGradEpsilon = 1e-8,
            ScoreScalesFirst = true,
            CamSamples = 4,
            CamNoise = 0.3,
            NoiseIsAbsolute = true,
        },
        [Convention.Captum] = new()
        {
            GradientIsAbsolute = true,
            Samples = 5,
            Noise = 1,
            NoiseIsAbsolute = true,
            Steps = 50,
            GuidedMask = GuidedMask.Nearest,
            GuidesReluOnly = true,
            IsShownPositive = false,
        },
        [Convention.PytorchCnnVisualizations] = new()
        {
            GradCamStart = 1,
            StepsFromZeroToOne = true,
            Steps = 100,
            TimesDifference = false,
            ScoreIsProbability = true,
            GuidedMask = GuidedMask.Scaled,
            GuidesFeaturesOnly = true,
            GuidesReluOnly = true,
        },
    };

    /// <summary>Added to the denominator of Grad-CAM++.</summary>
    public double PlusPlusEpsilon { get; private init; }

    /// <summary>
    /// Weights of Grad-CAM++ are sums of cubes of positive gradients: torch-cam divides a copy, and what is left in place is this.
    /// </summary>
    public bool PlusPlusCubes { get; private init; }

    /// <summary>Added to the sum of activations that XGrad-CAM divides by.</summary>
    public double XGradEpsilon { get; private init; }

    /// <summary>The number that the sum over channels of Grad-CAM starts at.</summary>
    public float GradCamStart { get; private init; }

    /// <summary>The gradient is shown without its sign.</summary>
    public bool GradientIsAbsolute { get; private init; }

    /// <summary>Noisy copies of SmoothGrad.</summary>
    public int Samples { get; private init; } = 50;

    /// <summary>Standard deviation of SmoothGrad's noise.</summary>
    public double Noise { get; private init; } = 0.15;

    /// <summary>Noisy copies of Smooth Grad-CAM++.</summary>
    public int CamSamples { get; private init; } = 50;

    /// <summary>Standard deviation of Smooth Grad-CAM++'s noise.</summary>
    public double CamNoise { get; private init; } = 0.15;

    /// <summary>Noise is in units of the input; else a share of its range.</summary>
    public bool NoiseIsAbsolute { get; private init; }

    /// <summary>Steps of integrated gradients; null to add steps until completeness holds.</summary>
    public int? Steps { get; private init; }

    /// <summary>Steps stand at 0, 1/n, … 1, each with weight 1/n; else at the nodes of Gauss and Legendre.</summary>
    public bool StepsFromZeroToOne { get; private init; }

    /// <summary>The path's mean gradient is multiplied by the way from the baseline.</summary>
    public bool TimesDifference { get; private init; } = true;

    /// <summary>Masks of Score-CAM are enlarged corner on corner.</summary>
    public bool ScoreAlignsCorners { get; private init; }

    /// <summary>Masks of Score-CAM are brought to 0..1 before they are enlarged.</summary>
    public bool ScoreScalesFirst { get; private init; }

    /// <summary>Weights of Score-CAM are probabilities of the class; else a softmax over the channels' scores.</summary>
    public bool ScoreIsProbability { get; private init; }

    /// <summary>Ablation-CAM fills a channel with a number far below all others where the layer has negative ones.</summary>
    public bool AblationFarBelow { get; private init; }

    /// <summary>How Grad-CAM becomes a mask over guided backpropagation.</summary>
    public GuidedMask GuidedMask { get; private init; }

    /// <summary>Full-Grad brings each channel to 0..1 alone; else a layer's channels together.</summary>
    public bool FullGradByChannel { get; private init; }

    /// <summary>Rules of guided backpropagation hold in front of the classifier only.</summary>
    public bool GuidesFeaturesOnly { get; private init; }

    /// <summary>
    /// Guided backpropagation and deconvnets have a rule for Relu alone: ReLU6, which is Clip in a graph, LeakyRelu and the like are
    /// differentiated as they are.
    /// </summary>
    public bool GuidesReluOnly { get; private init; }

    /// <summary>Whether class activation maps are shown without negative values; null for what each method's paper says.</summary>
    public bool? IsShownPositive { get; private init; }

    public static ConventionRules Of(Convention convention) => Table[convention];
}

/// <summary>Ways from Grad-CAM to a mask of the input's size.</summary>
internal enum GuidedMask
{
    /// <summary>Positive values, bilinear.</summary>
    Smooth,

    /// <summary>Positive values, each cell a block.</summary>
    Nearest,

    /// <summary>Positive values brought to 0..1, bilinear.</summary>
    Scaled,
}
