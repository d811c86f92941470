using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;

namespace CnnOnnx.Tests.Parity;

/// <summary>
/// The graphs of ONNX Runtime's own tests, every tensor compared. Those that are left out stand in
/// docs/runtime-graphs-left-out.txt with their reasons; CNNONNX_UPDATE=1 writes it anew.
/// </summary>
[TestClass]
public sealed class RuntimeGraphTests
{
    private const string ListFile = "docs/runtime-graphs-left-out.txt";

    // What an error says → why the graph is left out.
    private static readonly (string Says, string Reason)[] Refusals =
    [
        ("which ONNX does not define", "not a valid model"),
        ("names no operator set", "not a valid model"),
        ("ONNX Runtime cannot load it", "ONNX Runtime does not load it"),
        (", which ONNX Runtime ", "ONNX Runtime does not load it"),
        (", the last that ONNX Runtime ", "ONNX Runtime does not load it"),
        ("ONNX Runtime cannot run it", "ONNX Runtime does not run it on noise"),
        ("which TorchSharp does not have", "element type without a counterpart in TorchSharp"),
        ("is SparseTensor, expected Tensor", "a sparse constant"),
        ("declares no shape", "an input has no shape"),
        ("elements of noise", "an input is too large, or open along nine axes"),
        ("depends on random or open values", "all its tensors are random"),
        ("makes no tensor of numbers", "no tensors of numbers"),
        ("no tensor is left of 0", "no nodes"),
        ("outside the model's folder", "external data outside of the model's folder"),
        ("does not exist beside the model", "external data that is not there"),
        ("string[", "an input of strings"),
        ("node 'If1' (If, opset 24): input 0 is left out", "an If without a condition, whose result nobody uses"),
    ];

    [TestMethod]
    [TestCategory("Long")]
    public void Compare_EveryGraphWithSupportedOperators_Holds()
    {
        using var graphs = new RuntimeGraphs();
        var failures = new List<string>();
        var leftOut = new List<(string Graph, string Reason)>();
        int held = 0;
        foreach (string path in graphs.Models)
        {
            string name = Path.GetRelativePath(graphs.Root, path).Replace('\\', '/');
            (string? reason, string? failure) = Compare(path);
            if (reason is not null)
                leftOut.Add((name, reason));
            else if (failure is not null)
                failures.Add($"{name}: {failure}");
            else
                held++;
        }

        Assert.AreEqual("", string.Join('\n', failures));
        GeneratedFile.AssertCurrent(ListFile, $"""
            # Graphs of ONNX Runtime's tests that are not compared, each with its reason. In the other {held} of {held + leftOut.Count} every node is right.
            # Written by the tests: CNNONNX_UPDATE=1, then the test of this file.

            """ + string.Concat(leftOut.OrderBy(l => l.Reason, StringComparer.Ordinal).Select(l => $"{l.Graph}: {l.Reason}\n")));
    }

    private static (string? LeftOut, string? Failure) Compare(string path)
    {
        try
        {
            OnnxModel model = OnnxModel.Read(path);
            OnnxNode[] nodes = [.. FunctionInliner.Inline(model).Graph.Nodes.SelectMany(n => n.WithBodies())];
            string[] missing = [.. nodes.Where(n => OperatorTable.Find(n) is null)
                .Select(n => n.Domain.Length > 0 ? $"{n.Domain}.{n.OpType}" : n.OpType).Distinct().Order(StringComparer.Ordinal)];
            if (missing.Length > 0)
                return ($"operator not in the table: {string.Join(", ", missing)}", null);
            using var check = new ParityCheck(model);
            using Activations theirs = check.Session.Run(ParityInputs.Noise(check.Session.Model.Graph, 0, 1));
            return (null, check.Compare(theirs).First?.ToString());
        }
        catch (BadInputException fault)
        {
            string message = fault.Message.Replace(path + ": ", "", StringComparison.Ordinal);
            return Refusals.FirstOrDefault(r => message.Contains(r.Says, StringComparison.Ordinal)).Reason is { } reason
                ? (reason, null)
                : (null, message);
        }
    }
}
