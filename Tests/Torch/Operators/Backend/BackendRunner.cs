using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;
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
                (string Name, Tensor)[] given =
                    [.. model.Graph.Inputs.Zip(inputs, (declared, value) => (declared.Name, TorchTensors.From(value, CPU)))];
                string[] outputs = [.. model.Graph.Outputs.Select(o => o.Name)];
                Tensor[] results = module.Run(given, outputs);
                for (int i = 0; i < expected.Length; i++)
                {
                    if (LogitsWithoutDigits(model, module, given, outputs[i]) is { } logits)
                    {
                        if (DifferenceFromRuntime(model, module, given, inputs, logits) is { } off)
                            return $"'{logits}', the operand of output {i}, {off}";
                        continue;
                    }

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

    /// <summary>
    /// The operand of a Softmax at the end whose elements are so large that their own last bit is more than what is tolerated:
    /// which of equal logits wins then depends on the order of sums, and so on the processor. Null for all others.
    /// </summary>
    private static string? LogitsWithoutDigits(OnnxModel model, OnnxModule module, (string, Tensor)[] given, string output)
    {
        if (model.Graph.Producer(output) is not { OpType: "Softmax" } softmax || model.Graph.Producer(softmax.Inputs[0]) is null)
            return null;
        double largest = module.Run(given, [softmax.Inputs[0]])[0].abs().max().to(ScalarType.Float64).item<double>();
        return largest * Math.ScaleB(1, -23) > Tolerance(ElementType.Float).Relative ? softmax.Inputs[0] : null;
    }

    /// <summary>Difference of TorchSharp's tensor, with ONNX Runtime on this processor as referee; null when they agree.</summary>
    private static string? DifferenceFromRuntime(
        OnnxModel model, OnnxModule module, (string, Tensor)[] given, TensorData[] inputs, string tensor)
    {
        using ActivationSession session =
            ActivationSession.Open(model, new ActivationOptions { Tensors = [tensor], Device = ComputeDevice.Cpu });
        using Activations theirs = session.Run(model.Graph.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => pair.Second));
        TensorParity parity =
            TensorComparison.Between(module.Run(given, [tensor])[0], theirs[tensor], model.Graph.Producer(tensor)!, quantizes: false);
        return parity.Agrees ? null : parity.ToString();
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
