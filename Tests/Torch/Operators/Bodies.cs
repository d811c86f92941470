using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Operators;

/// <summary>Bodies of If, Loop and Scan for tests, over float64 vectors.</summary>
internal static class Bodies
{
    /// <summary>y = function of a tensor of the graph around.</summary>
    public static GraphBuilder Captured(string opType, string around)
    {
        var body = new GraphBuilder("branch", 16);
        body.Node(opType, "y", [around]);
        body.Output("y", ElementType.Double, 3);
        return body;
    }

    /// <summary>Carries v ← v · tanh(a tensor of the graph around), and gives each v as a scan output.</summary>
    public static GraphBuilder Multiplying(string around)
    {
        var body = new GraphBuilder("body", 16);
        body.Input("iteration", ElementType.Int64);
        body.Input("goes", ElementType.Bool);
        body.Input("v", ElementType.Double, 3);
        body.Node("Identity", "still", ["goes"]);
        body.Node("Tanh", "factor", [around]);
        body.Node("Mul", "next", ["v", "factor"]);
        body.Node("Identity", "element", ["next"]);
        body.Output("still", ElementType.Bool);
        body.Output("next", ElementType.Double, 3);
        body.Output("element", ElementType.Double, 3);
        return body;
    }

    /// <summary>State ← state · element of the sequence; each state is a scan output.</summary>
    public static GraphBuilder RunningProduct()
    {
        var body = new GraphBuilder("body", 16);
        body.Input("state", ElementType.Double, 2);
        body.Input("x", ElementType.Double, 2);
        body.Node("Mul", "next", ["state", "x"]);
        body.Node("Identity", "y", ["next"]);
        body.Output("next", ElementType.Double, 2);
        body.Output("y", ElementType.Double, 2);
        return body;
    }
}
