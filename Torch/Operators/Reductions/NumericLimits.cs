using System.Collections.Frozen;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>The least and the greatest value of an element type; infinities where it has them.</summary>
internal static class NumericLimits
{
    private static readonly FrozenDictionary<ScalarType, (Scalar Lowest, Scalar Highest)> Limits =
        new Dictionary<ScalarType, (Scalar, Scalar)>
        {
            [ScalarType.Byte] = (byte.MinValue, byte.MaxValue),
            [ScalarType.Int8] = (sbyte.MinValue, sbyte.MaxValue),
            [ScalarType.Int16] = (short.MinValue, short.MaxValue),
            [ScalarType.Int32] = (int.MinValue, int.MaxValue),
            [ScalarType.Int64] = (long.MinValue, long.MaxValue),
            [ScalarType.Bool] = (false, true),
        }.ToFrozenDictionary();

    public static Scalar Of(ScalarType type, bool lowest) => Limits.TryGetValue(type, out (Scalar Lowest, Scalar Highest) limits)
        ? lowest ? limits.Lowest : limits.Highest
        : lowest ? double.NegativeInfinity : double.PositiveInfinity;
}
