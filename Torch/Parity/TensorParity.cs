using System.Globalization;
using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Parity;

/// <summary>How far one tensor of TorchSharp is from ONNX Runtime's.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Node">The node that makes it.</param>
/// <param name="Difference">‖a − b‖∞; NaN when shapes, NaNs or infinities do not agree.</param>
/// <param name="Allowed">The difference that is tolerated.</param>
/// <param name="Alone">
/// The difference when the node alone runs on ONNX Runtime's own operands: what this node introduces. Only measured where
/// the tensor is out of tolerance.
/// </param>
/// <param name="Problem">Why there is no difference to state, such as another shape.</param>
internal sealed record TensorParity(
    string Tensor, OnnxNode Node, double Difference, double Allowed, double? Alone = null, string? Problem = null)
{
    /// <summary>Which engine is off, where the node alone introduces the difference and that could be found out.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>It is made from tensors in which ONNX Runtime is the less exact engine.</summary>
    public bool FollowsCleared { get; init; }

    public bool Agrees => Difference <= Allowed;

    /// <summary>Out of tolerance, but not by this node's fault.</summary>
    public bool IsInherited => !Agrees && Alone <= Allowed;

    /// <summary>Out of tolerance by ONNX Runtime's rounding errors, not by TorchSharp's.</summary>
    public bool IsCleared => !Agrees && !IsInherited && Verdict is { Clears: true };

    public override string ToString()
    {
        string size = Problem ?? string.Create(CultureInfo.InvariantCulture, $"differs by {Difference:0.##e+0}, allowed {Allowed:0.##e+0}");
        return $"'{Tensor}' of {Node} {size}{(Alone is null ? "" : IsInherited ? ", inherited from its operands" : ", introduced by this node")}{(Verdict is null ? "" : $": {Verdict}")}";
    }
}
