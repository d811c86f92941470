using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>One run of a program: what every kernel may ask about it.</summary>
internal sealed class Execution(Tensor?[] values, bool isTraining, Device device, Execution? around = null)
{
    private long _iterations;

    /// <summary>BatchNormalization and Dropout behave as in training.</summary>
    public bool IsTraining => isTraining;

    /// <summary>Where tensors are that no operand tells the place of.</summary>
    public Device Device => device;

    /// <summary>Tensors by slot; null before they are made and after their last use.</summary>
    public Tensor?[] Values => values;

    /// <summary>Counts one more round of a loop, here and in the runs around this one: loops inside loops multiply.</summary>
    /// <returns>False when there have been more than any model needs.</returns>
    public bool CountIteration() => around?.CountIteration() ?? ++_iterations <= LoopLimits.MostRounds;
}
