using System.Collections.Frozen;
using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>A function of every element.</summary>
internal delegate Tensor GateFunction(Tensor tensor);

/// <summary>The functions that the attribute 'activations' of RNN, GRU and LSTM names.</summary>
internal static class RecurrentActivations
{
    // Usual alpha and beta; null where the function has none, and then takes none from the lists either.
    private static readonly FrozenDictionary<string, (float? Alpha, float? Beta, Func<Tensor, float, float, Tensor> Function)> Table =
        new Dictionary<string, (float?, float?, Func<Tensor, float, float, Tensor>)>
        {
            ["Relu"] = (null, null, (x, _, _) => x.relu()),
            ["Tanh"] = (null, null, (x, _, _) => x.tanh()),
            ["Sigmoid"] = (null, null, (x, _, _) => x.sigmoid()),
            ["Softsign"] = (null, null, (x, _, _) => x / (1 + x.abs())),
            ["Softplus"] = (null, null, (x, _, _) => nn.functional.softplus(x)),
            ["Affine"] = (1, 0, (x, alpha, beta) => (x * alpha) + beta),
            ["LeakyRelu"] = (0.01f, null, (x, alpha, _) => nn.functional.leaky_relu(x, alpha)),
            ["ThresholdedRelu"] = (1, null, (x, alpha, _) => x.masked_fill(x.le(alpha), 0)),
            ["ScaledTanh"] = (1, 1, (x, alpha, beta) => (x * beta).tanh() * alpha),
            ["HardSigmoid"] = (0.2f, 0.5f, (x, alpha, beta) => ((x * alpha) + beta).clamp(0, 1)),
            ["Elu"] = (1, null, (x, alpha, _) => nn.functional.elu(x, alpha)),
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a function for each place, with its alpha and beta, behind the node's clip.</summary>
    /// <param name="usual">Names of the functions when the attribute is missing.</param>
    /// <param name="clips">True for a place whose function sees clipped values.</param>
    public static GateFunction[] Of(OnnxNode node, string[] usual, Predicate<int> clips)
    {
        string[] names = node.Texts("activations") ?? usual;
        if (names.Length != usual.Length)
            throw node.Error($"attribute 'activations' has {names.Length} names, expected {usual.Length}");
        var alphas = new Queue<float>(node.Floats("activation_alpha") ?? []);
        var betas = new Queue<float>(node.Floats("activation_beta") ?? []);
        float? clip = node.HasAttribute("clip") ? node.Float("clip", 0) : null;
        return [.. names.Select((name, place) =>
        {
            if (!Table.TryGetValue(name, out (float? Alpha, float? Beta, Func<Tensor, float, float, Tensor> Function) row))
                throw node.Error($"attribute 'activations' has '{name}', expected some of "
                    + $"{string.Join(", ", Table.Keys.Order(StringComparer.Ordinal))}");
            float alpha = Next(alphas, row.Alpha), beta = Next(betas, row.Beta);
            return (GateFunction)(x => row.Function(clip is { } most && clips(place) ? x.clamp(-most, most) : x, alpha, beta));
        })];
    }

    private static float Next(Queue<float> given, float? usual) =>
        usual is null ? 0 : given.TryDequeue(out float value) ? value : usual.Value;
}
