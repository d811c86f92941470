namespace CnnOnnx.Onnx;

/// <summary>Facts about the operators that layers are made of: convolutions, matrix products, recurrences, pools, norms.</summary>
internal static class LayerOperatorFacts
{
    // A pool's second output is places in its input.
    private static readonly TypeRule[] WithPlaces = [TypeRules.OfInput(0), TypeRules.Int64];

    private static readonly WeightInput Scale = new(1), Shift = new(2);

    public static OperatorFacts[] Rows =>
    [
        new("Conv") { Family = OperatorFamily.Convolution, Weights = [Kernel(1), new(2)] },
        new("ConvTranspose") { Family = OperatorFamily.Convolution, Weights = [Kernel(1, inputsFirst: true), new(2)] },
        new("DeformConv") { Weights = [new(1), new(3)] },
        new("FusedConv") { Family = OperatorFamily.Convolution, Weights = [Constant(1)] },
        new("ConvInteger") { Family = OperatorFamily.Convolution, Weights = [Constant(1)] },
        new("QLinearConv") { Family = OperatorFamily.Convolution, Weights = [Constant(3)], Quantizes = true },

        // [inputs, outputs], but for a Gemm that transposes. What stands on the left of a product is multiplied from the left.
        new("Gemm") { Family = OperatorFamily.Dense, Weights = [new(1) { InputsFirst = node => node.Int("transB", 0) == 0 }, new(2)] },
        new("MatMul") { Family = OperatorFamily.Dense, Weights = [Kernel(1, inputsFirst: true), Kernel(0)] },
        new("MatMulInteger") { Family = OperatorFamily.Dense, Weights = [Constant(1, inputsFirst: true)] },
        new("QLinearMatMul") { Family = OperatorFamily.Dense, Weights = [Constant(3, inputsFirst: true)], Quantizes = true },

        new("RNN") { Weights = [new(1), new(2), new(3)] },
        new("GRU") { Weights = [new(1), new(2), new(3)] },
        new("LSTM") { Weights = [new(1), new(2), new(3), new(7)] },

        new("BatchNormalization")
        {
            Family = OperatorFamily.Normalization,
            Weights = [Scale, Shift, new(3, TensorRole.Statistic), new(4, TensorRole.Statistic)],
        },
        new("InstanceNormalization") { Family = OperatorFamily.Normalization, Weights = [Scale, Shift] },
        new("LayerNormalization") { Family = OperatorFamily.Normalization, Weights = [Scale, Shift] },
        new("GroupNormalization") { Family = OperatorFamily.Normalization, Weights = [Scale, Shift] },
        new("RMSNormalization") { Weights = [Scale] },
        new("LRN") { Family = OperatorFamily.Normalization },
        // The mask has a meaning outside of training only since version 12.
        new("Dropout")
        {
            Family = OperatorFamily.Normalization,
            Types = [TypeRules.OfInput(0), TypeRules.Bool],
            Nondeterministic = [(1, 12)],
            TrainingModeInput = 2,
            OnClasses = EffectOnClasses.Keeps,
        },
        new("BitmaskDropout") { TrainingModeInput = 2 },
        new("BiasDropout") { TrainingModeInput = 4 },
        new("BitmaskBiasDropout") { TrainingModeInput = 4 },

        new("MaxPool") { Family = OperatorFamily.Pooling, Types = WithPlaces },
        new("AveragePool") { Family = OperatorFamily.Pooling, OnClasses = EffectOnClasses.Keeps },
        new("GlobalAveragePool") { Family = OperatorFamily.Pooling, OnClasses = EffectOnClasses.Keeps },
        new("GlobalMaxPool") { Family = OperatorFamily.Pooling, OnClasses = EffectOnClasses.Keeps },
        new("LpPool") { Family = OperatorFamily.Pooling },
        new("MaxUnpool") { Limits = [new(2, 0, OperandLimit.Widest) { MostTogether = OperandLimit.MostElements }] },
        new("ReduceMean") { OnClasses = EffectOnClasses.Keeps },
    ];

    private static WeightInput Kernel(int input, bool inputsFirst = false) => new(input) { InputsFirst = _ => inputsFirst };

    // A weight of an operator that is only run, such as one over integers: it is drawn and not trained.
    private static WeightInput Constant(int input, bool inputsFirst = false) =>
        new(input, TensorRole.Constant) { InputsFirst = _ => inputsFirst };
}
