using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// What a node does once its attributes are read. Returns fresh tensors, one for each output in order (trailing ones that
/// nobody asked for may be left out); never an operand itself, since operands are disposed after their last use.
/// </summary>
internal delegate Tensor[] Kernel(Operands operands);
