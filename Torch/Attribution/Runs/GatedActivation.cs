using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// An activation that a file spells as several nodes: x · gate(x), with a gate of Sigmoid (SiLU), HardSigmoid or Clip(x + b, 0, m), also
/// divided by a number (HardSwish).
/// </summary>
/// <param name="Input">Place of x among the product's inputs.</param>
/// <param name="Inside">Names of the nodes that make the gate.</param>
/// <param name="Slope">The derivative of the product by x, from x.</param>
internal sealed record GatedActivation(int Input, string[] Inside, Func<Tensor, Tensor> Slope)
{
    /// <summary>The activation that a product ends; null where it is none.</summary>
    public static GatedActivation? Find(OnnxGraph graph, OnnxNode product)
    {
        if (product.OpType != "Mul" || product.Domain.Length > 0 || product.Inputs.Length != 2)
            return null;
        return Find(graph, product, 0) ?? Find(graph, product, 1);
    }

    /// <summary>Slope of x · σ(x).</summary>
    public static Tensor Silu(Tensor x)
    {
        Tensor gate = x.sigmoid();
        return gate * (x * (1 - gate) + 1);
    }

    /// <summary>Slope of x · clamp(αx + β, 0, most).</summary>
    public static Tensor Hard(Tensor x, float alpha, float beta, float most)
    {
        Tensor line = x * alpha + beta;
        return line.clamp(0.0, most) + x * alpha * line.gt(0) * line.lt(most);
    }

    private static GatedActivation? Find(OnnxGraph graph, OnnxNode product, int input)
    {
        string x = product.Inputs[input];
        if (graph.Producer(product.Inputs[1 - input]) is not { Domain: "" } gate)
            return null;
        if (gate.OpType == "Sigmoid" && gate.Inputs[0] == x)
            return new GatedActivation(input, [gate.Name], Silu);
        if (gate.OpType == "HardSigmoid" && gate.Inputs[0] == x)
        {
            float alpha = gate.Float("alpha", 0.2f), beta = gate.Float("beta", 0.5f);
            return new GatedActivation(input, [gate.Name], at => Hard(at, alpha, beta, 1));
        }

        var inside = new List<string>();
        float by = 1;
        if (gate.OpType == "Div" && Number(graph, gate, 1) is { } divisor && graph.Producer(gate.Inputs[0]) is { } divided)
        {
            inside.Add(gate.Name);
            (gate, by) = (divided, divisor);
        }

        if (gate.OpType != "Clip" || graph.Producer(gate.Inputs[0]) is not { OpType: "Add" } add || by == 0)
            return null;
        int own = add.Inputs.IndexOf(x);
        float? least = gate.HasInput(1) ? Number(graph, gate, 1) : gate.Float("min", float.NaN);
        float? most = gate.HasInput(2) ? Number(graph, gate, 2) : gate.Float("max", float.NaN);
        if (own < 0 || Number(graph, add, 1 - own) is not { } shift || least != 0 || most is not > 0)
            return null;
        inside.AddRange([gate.Name, add.Name]);
        return new GatedActivation(input, [.. inside], at => Hard(at, 1 / by, shift / by, most.Value / by));
    }

    private static float? Number(OnnxGraph graph, OnnxNode node, int input) =>
        ConstantExpression.Of(graph, node.Inputs[input]) is { Shape.Count: 1, HasData: true } number ? number.Load()[0] : null;
}
