using System.Collections.Frozen;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>The arithmetic of quantised tensors: value = (quantised − zero point) · scale.</summary>
internal static class Quantizer
{
    // A quantised tensor is never int32 itself: that is uint16, which TorchSharp holds in the wider type.
    private static readonly FrozenDictionary<ScalarType, (int Least, int Most)> Ranges = new Dictionary<ScalarType, (int, int)>
    {
        [ScalarType.Byte] = (byte.MinValue, byte.MaxValue),
        [ScalarType.Int8] = (sbyte.MinValue, sbyte.MaxValue),
        [ScalarType.Int16] = (short.MinValue, short.MaxValue),
        [ScalarType.Int32] = (ushort.MinValue, ushort.MaxValue),
    }.ToFrozenDictionary();

    /// <summary>The smallest and the largest value that quantised elements of a type can have.</summary>
    public static (int Least, int Most) RangeOf(ScalarType type, Operands operands) => Ranges.TryGetValue(type, out (int, int) range)
        ? range
        : throw operands.Fault($"quantises to {type}, expected 8 or 16 bits");

    /// <summary>Steps from zero → quantised elements: rounded half to even, moved by the zero point, saturated.</summary>
    public static Tensor Quantize(Operands operands, Tensor steps, Tensor? zeroPoint, ScalarType type)
    {
        (int least, int most) = RangeOf(type, operands);
        Tensor rounded = steps.detach().round();
        return (zeroPoint is null ? rounded : rounded + zeroPoint).clamp(least, most).to(type);
    }

    /// <summary>Elements without their zero point, in a floating point type that holds all of them exactly.</summary>
    public static Tensor Centered(Tensor quantized, Tensor? zeroPoint, ScalarType type) =>
        zeroPoint is null ? quantized.to(type) : quantized.to(type) - zeroPoint.to(type);

    /// <summary>
    /// A scale or zero point in a shape that meets the tensor's: one for all, one for each position of an axis, or one for
    /// each block of so many positions.
    /// </summary>
    public static Tensor Spread(Operands operands, Tensor parameter, Tensor data, long axis, long block)
    {
        if (parameter.numel() == 1 && parameter.Dimensions <= 1)
            return parameter.reshape([]);
        int along = OperandValues.Axis(operands.Node, axis, (int)data.Dimensions);
        if (parameter.Dimensions == 1 && parameter.shape[0] == data.shape[along] && block == 0)
            return parameter.reshape([.. data.shape.Select((size, i) => i == along ? size : 1)]);
        long[] expected = [.. data.shape.Select((size, i) => i == along && block > 0 ? (size + block - 1) / block : size)];
        return block > 0 && expected.AsSpan().SequenceEqual(parameter.shape)
            ? parameter.repeat_interleave(block, along).narrow(along, 0, data.shape[along])
            : throw operands.Fault(
                $"has a scale or zero point of shape {new TensorShape(parameter.shape)} for {new TensorShape(data.shape)}, axis "
                + $"{axis}, blocks of {block}");
    }
}
