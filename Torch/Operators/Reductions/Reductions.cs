using System.Collections.Frozen;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// What each reduction does over the given axes, ascending and from 0 up. Without axes a reduction is taken of each
/// element by itself; over no elements it is the neutral one. Results have the operand's type.
/// </summary>
internal static class Reductions
{
    public static Tensor Sum(Tensor x, long[] axes, bool keep) => axes.Length == 0 ? x.alias() : x.sum(axes, keep, x.dtype);

    public static Tensor Mean(Tensor x, long[] axes, bool keep)
    {
        if (axes.Length == 0)
            return x.alias();
        if (x.is_floating_point())
            return x.mean(axes, keep);
        long count = axes.Aggregate(1L, (product, axis) => product * x.size((int)axis));
        return x.sum(axes, keep, x.dtype).div(Math.Max(1, count), RoundingMode.trunc);
    }

    // torch multiplies along one axis at a time.
    public static Tensor Product(Tensor x, long[] axes, bool keep)
    {
        Tensor product = x.alias();
        for (int i = axes.Length - 1; i >= 0; i--)
            product = product.prod(axes[i], keep, x.dtype);
        return product;
    }

    public static Tensor Max(Tensor x, long[] axes, bool keep) => Extreme(x, axes, keep, isMax: true);

    public static Tensor Min(Tensor x, long[] axes, bool keep) => Extreme(x, axes, keep, isMax: false);

    public static Tensor L1(Tensor x, long[] axes, bool keep) => Sum(x.abs(), axes, keep);

    public static Tensor L2(Tensor x, long[] axes, bool keep)
    {
        if (x.is_floating_point())
            return axes.Length == 0 ? x.abs() : linalg.vector_norm(x, 2, axes, keep);
        return SumSquare(x.to(ScalarType.Float64), axes, keep).sqrt().to(x.dtype);
    }

    public static Tensor SumSquare(Tensor x, long[] axes, bool keep) => Sum(x * x, axes, keep);

    public static Tensor LogSum(Tensor x, long[] axes, bool keep) => Sum(x, axes, keep).log().to(x.dtype);

    public static Tensor LogSumExp(Tensor x, long[] axes, bool keep)
    {
        Tensor wide = x.is_floating_point() ? x.alias() : x.to(ScalarType.Float64);
        for (int i = axes.Length - 1; i >= 0; i--)
            wide = wide.logsumexp(axes[i], keep);
        return wide.to(x.dtype);
    }

    private static Tensor Extreme(Tensor x, long[] axes, bool keep, bool isMax)
    {
        if (axes.Length == 0)
            return x.alias();
        if (axes.All(axis => x.size((int)axis) > 0))
            return isMax ? x.amax(axes, keep) : x.amin(axes, keep);
        long[] kept = [.. x.shape.Select((size, axis) => axes.Contains(axis) ? 1 : size)];
        Tensor neutral = full(kept, NumericLimits.Of(x.dtype, lowest: isMax), x.dtype, x.device);
        return keep ? neutral : neutral.reshape([.. kept.Where((_, axis) => !axes.Contains(axis))]);
    }
}

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
