using System.Collections.Frozen;

namespace CnnOnnx.Import;

/// <summary>Adds an activation to a graph.</summary>
/// <param name="graph">The graph.</param>
/// <param name="input">Name of a tensor.</param>
/// <param name="name">Name of the result.</param>
internal delegate string DarknetActivation(DarknetGraph graph, string input, string name);

/// <summary>Darknet's activations, by their names in a cfg.</summary>
internal static class DarknetActivations
{
    private static readonly FrozenDictionary<string, DarknetActivation?> Table = new Dictionary<string, DarknetActivation?>
    {
        ["linear"] = null,
        ["leaky"] = (g, x, name) => g.Node("LeakyRelu", name, [x], ("alpha", 0.1f)),
        ["relie"] = (g, x, name) => g.Node("LeakyRelu", name, [x], ("alpha", 0.01f)),
        ["relu"] = (g, x, name) => g.Node("Relu", name, [x]),
        ["relu6"] = (g, x, name) => g.Node("Clip", name, [x, g.Number(name + ".min", 0), g.Number(name + ".max", 6)]),
        ["hardtan"] = (g, x, name) => g.Node("Clip", name, [x, g.Number(name + ".min", -1), g.Number(name + ".max", 1)]),
        ["logistic"] = (g, x, name) => g.Node("Sigmoid", name, [x]),
        ["tanh"] = (g, x, name) => g.Node("Tanh", name, [x]),
        ["elu"] = (g, x, name) => g.Node("Elu", name, [x]),
        ["selu"] = (g, x, name) => g.Node("Selu", name, [x], ("alpha", 1.6732f), ("gamma", 1.0507f)),
        // 2σ(x) − 1
        ["loggy"] = (g, x, name) => g.Node("Tanh", name, [g.Node("Mul", name + ".half", [x, g.Number(name + ".factor", 0.5)])]),
        // x·(x > 0) + 0.1x
        ["ramp"] = (g, x, name) => g.Node("Add", name,
            [g.Node("Relu", name + ".relu", [x]), g.Node("Mul", name + ".tenth", [x, g.Number(name + ".factor", 0.1)])]),
        ["swish"] = (g, x, name) => g.Node("Mul", name, [x, g.Node("Sigmoid", name + ".sigmoid", [x])]),
        ["mish"] = (g, x, name) => g.Node("Mul", name, [x, g.Node("Tanh", name + ".tanh", [g.Node("Softplus", name + ".softplus", [x])])]),
    }.ToFrozenDictionary();

    /// <summary>Adds the activation that a section asks for; the tensor itself where that is linear.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The section.</param>
    /// <param name="input">Name of the tensor.</param>
    /// <param name="missing">The activation where the section names none.</param>
    public static string Apply(DarknetGraph graph, CfgSection layer, string input, string missing)
    {
        string name = layer.Text("activation", missing);
        // Darknet takes ReLU for a name that it does not know, and computes something else than was trained.
        if (!Table.TryGetValue(name, out DarknetActivation? activation))
            throw layer.Fault($"activation is '{name}', expected one of {string.Join(", ", Table.Keys.Order(StringComparer.Ordinal))}");
        return activation is null ? input : activation(graph, input, $"{name}_{layer.Index}");
    }
}
