using System.Text;
using CnnOnnx.Tests.Operators.Backend;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Operators;

namespace CnnOnnx.Tests.Operators;

/// <summary>docs/operators.md says what the operator table has and what the conformance tests say about it.</summary>
[TestClass]
public sealed class OperatorDocumentTests
{
    private const string DocumentFile = "docs/operators.md";

    [TestMethod]
    public void Document_Operators_AreThoseOfTheTable()
    {
        string[] documented =
            [.. File.ReadLines(Path.Combine(Repository.Root, DocumentFile)).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Skip(1).Select(line => string.Join('|', line.Split('|')[..4]))];
        string[] expected = [.. Rows().Select(row => $"| {row.Name} | {row.From} | {row.Changes} ")];
        CollectionAssert.AreEqual(
            expected, documented, $"{DocumentFile} is not current; CNNONNX_UPDATE=1 and the test of its counts write it anew");
    }

    [TestMethod]
    public void Document_Counts_AreThoseOfTheConformanceTests()
    {
        IReadOnlyList<BackendOutcome> outcomes = BackendRunner.RunAll();
        var text = new StringBuilder($"""
            # Operators that OnnxModule executes

            Every operator of the table in `Torch/Operators`, for opsets up to 21 and beyond where nothing changed. The two
            columns at the right count the conformance tests of ONNX 1.22 in which the operator takes part: those that pass, and
            those that are left out because of it or of another part of the test
            ([reasons](backend-tests-left-out.txt)). In all, {outcomes.Count(o => o.Passed)} of {outcomes.Count} pass.

            | operator | from opset | meaning changes at | tests passed | left out |
            |---|---:|---|---:|---:|

            """);
        foreach ((string name, int from, string changes) in Rows())
        {
            BackendOutcome[] with = [.. outcomes.Where(o => o.Operators.Contains(name))];
            text.Append(null,
                $"| {name} | {from} | {changes} | {with.Count(o => o.Passed)} | {with.Count(o => o.LeftOut is not null)} |\n");
        }

        GeneratedFile.AssertCurrent(DocumentFile, text.ToString());
    }

    private static IEnumerable<(string Name, int From, string Changes)> Rows() => OperatorTable.All
        .GroupBy(row => row.Domain.Length > 0 ? $"{row.Domain}.{row.Type}" : row.Type)
        .OrderBy(versions => versions.Key, StringComparer.Ordinal)
        .Select(versions =>
            (versions.Key, versions.Min(row => row.Since), string.Join(", ", versions.Select(row => row.Since).Order().Skip(1))));
}
