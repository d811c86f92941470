using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Windows of convolutions and pools: everything that their attributes can say, on maps just large enough.</summary>
internal sealed record WindowGen(long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, string AutoPad, long[] Sizes)
{
    /// <summary>Over one to three axes; pads are smaller than the window.</summary>
    public static Gen<WindowGen> Any { get; } =
        from axes in Gen.Int[1, 3]
        from kernel in Gen.Long[1, 4].Array[axes]
        from strides in Gen.Long[1, 3].Array[axes]
        from autoPad in Choice.Of("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
        let isSame = autoPad.StartsWith('S')
        // Under SAME, ONNX Runtime does not dilate, and its pools crop where windows are smaller than their steps
        // (TensorFlow, whose rule it is, does not).
        from dilations in Gen.Frequency((2, Gen.Const(1L).Array[axes]), (1, Gen.Long[1, isSame ? 1 : 3].Array[axes]))
        from pads in Gen.Frequency((1, Gen.Const(0L).Array[2 * axes]), (3, Gen.Long[0, 3].Array[2 * axes]))
        from room in Gen.Long[0, axes == 3 ? 4 : 7].Array[axes]
        let steps = isSame ? [.. strides.Select((stride, i) => Math.Min(stride, kernel[i]))] : strides
        let padding = pads.Select((pad, i) => Math.Min(pad, kernel[i % axes] - 1)).ToArray()
        select new WindowGen(kernel, steps, dilations, padding, autoPad,
            [.. kernel.Select((size, i) => (size - 1) * dilations[i] + 1 + room[i])]);

    /// <summary>Attributes that say something; pads only where auto_pad leaves them to be said.</summary>
    public (string, object)[] Attributes =>
    [
        ("strides", Strides),
        .. Dilations.Any(d => d > 1) ? new (string, object)[] { ("dilations", Dilations) } : [],
        .. AutoPad != "NOTSET" ? new (string, object)[] { ("auto_pad", AutoPad) }
            : Pads.Any(p => p > 0) ? [("pads", Pads)] : [],
    ];
}
