using CnnOnnx.Inference;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>How explanations are computed.</summary>
public sealed record ExplainerOptions
{
    /// <summary>The device of the part that is differentiated. Default: the CPU. ONNX Runtime's part always runs on the CPU.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Cpu;

    /// <summary>CPU threads, of ONNX Runtime and for the process of TorchSharp; null, the default, for all.</summary>
    public int? Threads { get; init; }

    /// <summary>Memory in bytes that a batch of changed inputs or activations may take. Default: 1 GiB.</summary>
    public long Memory { get; init; } = 1L << 30;

    /// <summary>Seed of all random numbers: noise, and places between baseline and input. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whose numbers are computed where tools differ. Default: the paper's.</summary>
    public Convention Convention { get; init; } = Convention.Paper;

    /// <summary>Noisy copies that SmoothGrad and its kin average over; null, the default, for the convention's (paper: 50).</summary>
    public int? Samples { get; init; }

    /// <summary>
    /// Standard deviation of the noise as a share of the input's range; null, the default, for the convention's (paper: 0.15).
    /// </summary>
    public double? Noise { get; init; }

    /// <summary>
    /// Gap of completeness at which integrated gradients stop adding steps, as a share of the target's change. Default: 0.01.
    /// </summary>
    public double Completeness { get; init; } = 0.01;

    /// <summary>Most steps of integrated gradients. Default: 432.</summary>
    public int MostSteps { get; init; } = 432;

    /// <summary>
    /// The value of an input that says nothing, in the input's own units. Default: 0, the mean colour where a mean is taken off.
    /// </summary>
    public float Baseline { get; init; }

    /// <summary>
    /// Inputs that expected gradients start from, each of the shape of the explained input; they stay the caller's. Default: none, and
    /// the method is not available.
    /// </summary>
    public IReadOnlyList<Tensor> Baselines { get; init; } = [];

    /// <summary>
    /// Side of the square that occlusion covers, in pixels of the input; null, the default, for an eighth of its shorter side.
    /// </summary>
    public int? OcclusionWindow { get; init; }

    /// <summary>Pixels from one square of occlusion to the next; null, the default, for half the window.</summary>
    public int? OcclusionStride { get; init; }
}
