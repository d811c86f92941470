using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>One run of a program: what every kernel may ask about it.</summary>
internal sealed class Execution(Tensor?[] values, bool isTraining)
{
    /// <summary>BatchNormalization and Dropout behave as in training.</summary>
    public bool IsTraining => isTraining;

    /// <summary>Tensors by slot; null before they are made and after their last use.</summary>
    public Tensor?[] Values => values;
}
