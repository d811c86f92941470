using CnnOnnx.Tensors;
using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Gradients through time.</summary>
internal static partial class GradientCases
{
    public static GradientCase[] Recurrent =>
    [
        .. RecurrentNodes.Gates.Select(operation => new GradientCase(operation.Key,
            from check in RecurrentNodes.Of(operation.Key, Small)
            // Flat pieces and corners have no slope to compare with.
            select check with { Attributes =
                [.. check.Attributes.Where(a => a.Name is not ("activations" or "clip" or "activation_alpha" or "activation_beta"))] })),
    ];

    private static TensorData Small(long[] shape, int seed) => Values(shape, seed, -1, 1);
}
