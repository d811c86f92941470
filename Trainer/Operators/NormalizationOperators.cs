namespace CnnOnnx.Trainer.Operators;

/// <summary>Normalisations over batch, instance, layer, group and neighbouring channels.</summary>
internal static class NormalizationOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
