using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>One way to turn a gradient into a step.</summary>
/// <param name="Slots">Names of the tensors that the rule remembers for each parameter; all start at zero.</param>
/// <param name="Apply">Changes the parameter and its slots in place.</param>
internal sealed record UpdateRule(string[] Slots, Action<Tensor, Tensor, Tensor[], StepSize> Apply);
