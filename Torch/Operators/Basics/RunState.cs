using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>State of one run of a compiled graph: what every operator may ask about it.</summary>
internal sealed class RunState(Tensor?[] values, RunMode mode, Device device, RunState? around = null)
{
    private long _iterations;

    public RunMode Mode => mode;

    /// <summary>BatchNormalization and Dropout behave as in training.</summary>
    public bool IsTraining => mode.IsTraining;

    /// <summary>The device of tensors that no operand tells the place of.</summary>
    public Device Device => device;

    /// <summary>Tensors by slot; null before they are made and after their last use.</summary>
    public Tensor?[] Values => values;

    /// <summary>Counts one more round of a loop, here and in the runs around this one: loops inside loops multiply.</summary>
    /// <returns>False when there have been more than any model needs.</returns>
    public bool CountIteration() => around?.CountIteration() ?? ++_iterations <= LoopLimits.MostRounds;
}

/// <summary>Settings of one run of a graph.</summary>
/// <param name="IsTraining">True where BatchNormalization and Dropout behave as in training.</param>
internal sealed record RunMode(bool IsTraining)
{
    /// <summary>Rules that are executed in place of operators; in the bodies of If, Loop and Scan too.</summary>
    public OperatorOverrides Overrides { get; init; } = OperatorOverrides.None;

    /// <summary>
    /// Tensors by which the run will be differentiated: autograd follows them from where they are made or given, also where
    /// nothing before them has a gradient.
    /// </summary>
    public IReadOnlySet<string> Variables { get; init; } = new HashSet<string>();

    /// <summary>Takes down what a later gradient wants to know; null where nobody will ask.</summary>
    public GradientTrace? Trace { get; init; }
}

/// <summary>Notes of a run that will be differentiated.</summary>
internal sealed class GradientTrace
{
    /// <summary>Nodes that got operands with a gradient and made results without.</summary>
    public List<OnnxNode> Stops { get; } = [];

    /// <summary>The first fault inside a backward rule. It cannot leave the backward pass, which would end the process.</summary>
    public OnnxException? Fault { get; set; }
}
