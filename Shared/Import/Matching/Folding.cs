using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>
/// BatchNormalization that an exporter has multiplied into the layer before it: weight·s and bias·s + β − μ·s, with
/// s = γ/√(σ² + ε) for each output.
/// </summary>
internal static class Folding
{
    // Exporters fold in float32 or in double: what they differ by is rounding.
    private const float Rounding = 2e-5f;

    /// <summary>Numbers that frameworks add to a variance, the most usual first.</summary>
    public static double[] UsualEpsilons { get; } = [1e-5, 1e-3, 1e-6, 1e-4, 1e-2];

    /// <summary>Scale and shift of each channel.</summary>
    public static (float[] Scale, float[] Shift) Factors(CheckpointModule norm, double epsilon)
    {
        int count = (int)norm.Channels;
        float[] gamma = norm.Load("weight", 1, count), beta = norm.Load("bias", 0, count);
        float[] mean = norm.Load("running_mean", 0, count), variance = norm.Load("running_var", 1, count);
        float[] scale = new float[count], shift = new float[count];
        for (int c = 0; c < count; c++)
        {
            double s = gamma[c] / Math.Sqrt(variance[c] + epsilon);
            (scale[c], shift[c]) = ((float)s, (float)(beta[c] - (mean[c] * s)));
        }

        return (scale, shift);
    }

    /// <summary>The layer's weight, in the checkpoint's order, times the scale of its output.</summary>
    public static float[] Weight(GraphLayer layer, CheckpointModule module, float[] scale)
    {
        float[] weight = module.Load("weight", 0, 0);
        Func<int, int> output = OutputOf(layer, module);
        for (int i = 0; i < weight.Length; i++)
            weight[i] *= scale[output(i)];
        return weight;
    }

    /// <summary>The layer's bias behind the normalisation.</summary>
    public static float[] Bias(CheckpointModule module, float[] scale, float[] shift)
    {
        float[] bias = module.Load("bias", 0, scale.Length);
        for (int c = 0; c < bias.Length; c++)
            bias[c] = (bias[c] * scale[c]) + shift[c];
        return bias;
    }

    /// <summary>
    /// What the graph's own weight is a multiple of: the factor for each output where it is the module's weight times that; null where
    /// it is another weight.
    /// </summary>
    public static float[]? Ratio(GraphLayer layer, CheckpointModule module, float[] own)
    {
        float[] weight = module.Load("weight", 0, 0);
        Func<int, int> output = OutputOf(layer, module);
        int outputs = (int)OutputsOf(layer, module);
        float[] largest = new float[outputs], ratio = new float[outputs];
        for (int i = 0; i < weight.Length; i++)
            if (Math.Abs(weight[i]) > largest[output(i)])
                (largest[output(i)], ratio[output(i)]) = (Math.Abs(weight[i]), own[i] / weight[i]);
        for (int i = 0; i < weight.Length; i++)
        {
            int o = output(i);
            // A weight of zeros, as pruning leaves them, has to be one here too.
            if (!(Math.Abs(own[i] - (weight[i] * ratio[o])) <= Rounding * Math.Abs(largest[o] * ratio[o])))
                return null;
        }

        return largest.Any(l => l > 0) ? ratio : null;
    }

    /// <summary>The number in the root with which a normalisation has these factors and gives this bias; null where none does.</summary>
    public static double? Epsilon(CheckpointModule norm, CheckpointModule module, float[] ratio, float[]? bias, IEnumerable<double> tried)
    {
        if (norm.Channels != ratio.Length)
            return null;
        foreach (double epsilon in tried)
        {
            (float[] scale, float[] shift) = Factors(norm, epsilon);
            // A channel whose weights are all zero says nothing of its factor.
            if (Near(ratio, scale, skipsZero: true) && (bias is null || Near(bias, Bias(module, scale, shift), skipsZero: false)))
                return epsilon;
        }

        return null;
    }

    private static bool Near(float[] a, float[] b, bool skipsZero)
    {
        const float slack = 1e-4f;
        float largest = b.Length == 0 ? 0 : b.Max(Math.Abs);
        for (int i = 0; i < a.Length; i++)
            if (!(skipsZero && a[i] == 0) && !(Math.Abs(a[i] - b[i]) <= slack * Math.Max(Math.Abs(b[i]), 1e-2f * largest)))
                return false;
        return true;
    }

    private static long OutputsOf(GraphLayer layer, CheckpointModule module) => layer.Node.OpType == "ConvTranspose"
        ? module.Weight!.Shape[1] * layer.Node.Int("group", 1) : module.Weight!.Shape[0];

    // Outputs are the first axis, of a transposed convolution the second within the group of the first.
    private static Func<int, int> OutputOf(GraphLayer layer, CheckpointModule module)
    {
        TensorShape shape = module.Weight!.Shape;
        int perFirst = (int)(shape.Count / Math.Max(1, shape[0]));
        if (layer.Node.OpType != "ConvTranspose")
            return i => i / perFirst;
        int second = (int)shape[1], inner = perFirst / Math.Max(1, second), groups = (int)Math.Max(1, layer.Node.Int("group", 1));
        int inputsPerGroup = (int)Math.Max(1, shape[0] / groups);
        return i => (i / perFirst / inputsPerGroup * second) + (i / inner % second);
    }
}
