using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators.Backend;

/// <summary>Runs the conformance tests with OnnxModule.</summary>
internal static class BackendRunner
{
    private static readonly Lazy<IReadOnlyList<BackendOutcome>> Outcomes = new(() => [.. BackendArchive.Require().Select(Run)]);

    /// <summary>Every test run once in this process; the calling test is skipped where they are missing.</summary>
    public static IReadOnlyList<BackendOutcome> RunAll()
    {
        BackendArchive.Require();
        return Outcomes.Value;
    }

    private static BackendOutcome Run(BackendCase test)
    {
        OnnxModel model;
        try
        {
            model = test.Model();
        }
        catch (OnnxException fault)
        {
            return new BackendOutcome(test.Name, new HashSet<string>(), null, fault.Message);
        }

        OnnxNode[] nodes = [.. AllNodes(model.Graph)];
        string? leftOut = BackendLeftOut.Reason(test.Name, model, nodes);
        HashSet<string> operators = [.. nodes.Select(n => n.Domain.Length > 0 ? $"{n.Domain}.{n.OpType}" : n.OpType)];
        return new BackendOutcome(test.Name, operators, leftOut, leftOut is null ? Compare(test, model) : null);
    }

    private static string? Compare(BackendCase test, OnnxModel model)
    {
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            using var module = new OnnxModule(model);
            module.eval();
            (TensorData[] Inputs, TensorData[] Outputs)[] sets = [.. test.DataSets(model)];
            if (sets.Length == 0)
                return "has no data to compare with";
            foreach ((TensorData[] inputs, TensorData[] expected) in sets)
            {
                Tensor[] results = module.Run(
                    [.. model.Graph.Inputs.Zip(inputs, (declared, value) => (declared.Name, TorchTensors.From(value, CPU)))],
                    [.. model.Graph.Outputs.Select(o => o.Name)]);
                for (int i = 0; i < expected.Length; i++)
                {
                    (double relative, double absolute) = Tolerance(expected[i].Type);
                    TensorData actual = TorchTensors.ToData(results[i], expected[i].Type);
                    if (OperatorCheck.Difference(actual, expected[i], relative, absolute) is { } difference)
                        return $"output {i} {difference}";
                }
            }

            return null;
        }
        catch (BadInputException fault)
        {
            return fault.Message;
        }
    }

    // As ONNX's own runner has it for float. Half and bfloat16 hold 11 and 8 bits: expected values were rounded at each
    // step of the reference, ours at other steps, so a few units in the last place are allowed.
    private static (double Relative, double Absolute) Tolerance(ElementType type) => type switch
    {
        ElementType.Float16 => (5e-3, 1e-3),
        ElementType.BFloat16 => (3e-2, 1e-2),
        _ => (1e-3, 1e-5),
    };

    private static IEnumerable<OnnxNode> AllNodes(OnnxGraph graph) =>
        graph.Nodes.SelectMany(node => node.Subgraphs().SelectMany(body => AllNodes(body.Graph)).Prepend(node));
}
