using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Dropout and the random generators.</summary>
internal static class RandomOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Dropout", 1, Dropout1),
        new("Dropout", 12, Dropout12),
        new("RandomNormal", 1, RandomNormal),
        new("RandomNormalLike", 1, RandomNormalLike),
        new("RandomUniform", 1, RandomUniform),
        new("RandomUniformLike", 1, RandomUniformLike),
        new("Bernoulli", 15, Bernoulli),
        new("Multinomial", 7, Multinomial),
    ];

    // Until version 12 the ratio was an attribute, and until 10 the mask had the input's type.
    private static OperatorFunction Dropout1(OnnxNode node)
    {
        double ratio = Ratio(node, node.Float("ratio", 0.5f));
        Func<Tensor, double, bool, Tensor[]> drop = Drop(node);
        return operands => drop(operands[0], ratio, operands.State.IsTraining);
    }

    // https://onnx.ai/onnx/operators/onnx__Dropout.html
    private static OperatorFunction Dropout12(OnnxNode node)
    {
        Func<Tensor, double, bool, Tensor[]> drop = Drop(node);
        return operands =>
        {
            bool trains = operands.State.IsTraining || (operands.Optional(2) is not null && operands.Number(2) != 0);
            if (!trains)
                return drop(operands[0], 0, false);
            return drop(operands[0], Ratio(node, operands.Optional(1) is null ? 0.5 : operands.Number(1)), true);
        };
    }

    private static Func<Tensor, double, bool, Tensor[]> Drop(OnnxNode node)
    {
        bool wantsMask = node.Wants(1), hasBoolMask = node.Opset >= 10;
        Generator? generator = node.HasAttribute("seed") ? new Generator((ulong)node.Int("seed", 0)) : null;
        return (input, ratio, trains) =>
        {
            ScalarType maskType = hasBoolMask ? ScalarType.Bool : input.dtype;
            if (!trains || ratio == 0)
                return wantsMask ? [input.alias(), ones_like(input, maskType)] : [input.alias()];
            if (!wantsMask && generator is null)
                return [nn.functional.dropout(input, ratio, training: true)];
            using Tensor chances = full_like(input, 1 - ratio, ScalarType.Float32);
            Tensor kept = bernoulli(chances, generator);
            Tensor scaled = input * (kept / (1 - ratio)).to(input.dtype);
            return [scaled, kept.to(maskType)];
        };
    }

    private static double Ratio(OnnxNode node, double ratio) => ratio is >= 0 and < 1
        ? ratio
        : throw node.Error($"ratio is {ratio}, expected 0 to below 1");

    private static OperatorFunction RandomNormal(OnnxNode node) => Generate(node, Normal(node));

    private static OperatorFunction RandomUniform(OnnxNode node) => Generate(node, Uniform(node));

    private static OperatorFunction RandomNormalLike(OnnxNode node) => GenerateLike(node, Normal(node));

    private static OperatorFunction RandomUniformLike(OnnxNode node) => GenerateLike(node, Uniform(node));

    private static OperatorFunction Bernoulli(OnnxNode node)
    {
        ScalarType? type = Type(node);
        Generator? generator = Seeded(node);
        return operands => [bernoulli(operands[0], generator).to(type ?? operands[0].dtype)];
    }

    // The input holds logarithms of probabilities that need not sum to 1.
    private static OperatorFunction Multinomial(OnnxNode node)
    {
        ScalarType type = Type(node) ?? ScalarType.Int32;
        long samples = node.Within("sample_size", 1, 1);
        Generator? generator = Seeded(node);
        return operands =>
        {
            operands.RequireRank(0, 2, 2);
            Budget.Require(node, type, operands[0].size(0), samples);
            return [multinomial(operands[0].softmax(1), samples, replacement: true, generator).to(type)];
        };
    }

    private static Func<long[], Device, Tensor> Normal(OnnxNode node)
    {
        float mean = node.Float("mean", 0), scale = node.Float("scale", 1);
        Generator? generator = Seeded(node);
        return (shape, device) => randn(shape, ScalarType.Float32, device, generator: generator) * scale + mean;
    }

    private static Func<long[], Device, Tensor> Uniform(OnnxNode node)
    {
        float low = node.Float("low", 0), high = node.Float("high", 1);
        Generator? generator = Seeded(node);
        return (shape, device) => rand(shape, ScalarType.Float32, device, generator: generator) * (high - low) + low;
    }

    private static OperatorFunction Generate(OnnxNode node, Func<long[], Device, Tensor> draw)
    {
        ScalarType type = Type(node) ?? ScalarType.Float32;
        long[] shape = node.AllWithin("shape", 0) ?? [];
        Budget.Require(node, type, shape);
        return _ => [draw(shape, CPU).to(type)];
    }

    private static OperatorFunction GenerateLike(OnnxNode node, Func<long[], Device, Tensor> draw)
    {
        ScalarType? type = Type(node);
        return operands => [draw(operands[0].shape, operands[0].device).to(type ?? operands[0].dtype)];
    }

    private static ScalarType? Type(OnnxNode node)
    {
        if (!node.HasAttribute("dtype"))
            return null;
        var type = (ElementType)node.Int("dtype", 0);
        return TorchTensors.TypeOf(type, $"attribute 'dtype' of {node}");
    }

    // A node with a seed draws numbers of its own: the same ones whenever the model is loaded.
    private static Generator? Seeded(OnnxNode node) =>
        node.HasAttribute("seed") ? new Generator((ulong)BitConverter.SingleToUInt32Bits(node.Float("seed", 0))) : null;
}
