namespace CnnOnnx.Onnx;

/// <summary>Facts about control flow, sequences, and the way between real numbers and their integers.</summary>
internal static class ControlOperatorFacts
{
    private static readonly TypeRule[] Unknown = [TypeRules.Unknown];

    public static OperatorFacts[] Rows =>
    [
        new("If") { Types = Unknown },
        new("Loop") { Types = Unknown },
        new("Scan") { Types = Unknown },

        new("SequenceAt") { Types = Unknown },
        new("SequenceEmpty") { Types = Unknown },
        new("SequenceConstruct") { Types = Unknown },
        new("SequenceInsert") { Types = Unknown },
        new("SequenceErase") { Types = Unknown },
        new("SequenceLength") { Types = [TypeRules.Int64] },
        new("SplitToSequence") { Types = Unknown },
        new("ConcatFromSequence") { Types = Unknown },
        new("Optional") { Types = Unknown },
        new("OptionalGetElement") { Types = Unknown },

        // The type of a zero point is that of the integers, the type of a scale that of the real numbers.
        new("QuantizeLinear") { Types = [TypeRules.OfInput(2)], Quantizes = true },
        new("DequantizeLinear") { Types = [TypeRules.OfInput(1)] },
        new("DynamicQuantizeLinear") { Types = Unknown, Quantizes = true },
    ];
}
