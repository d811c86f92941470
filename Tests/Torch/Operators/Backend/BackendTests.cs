using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Operators.Backend;

/// <summary>
/// The conformance tests of ONNX. Those that are left out stand in docs/backend-tests-left-out.txt with their reasons;
/// CNNONNX_UPDATE=1 writes it anew.
/// </summary>
[TestClass]
public sealed class BackendTests
{
    private const string ListFile = "docs/backend-tests-left-out.txt";
    private const int MostShown = 60;

    [TestMethod]
    public void RunAll_TestsNotLeftOut_Pass()
    {
        BackendOutcome[] failed = [.. BackendRunner.RunAll().Where(o => o.Failure is not null)];
        if (failed.Length > 0)
            Assert.Fail($"{failed.Length} failed:\n{string.Join('\n', failed.Take(MostShown).Select(o => $"{o.Name}: {o.Failure}"))}");
    }

    [TestMethod]
    public void RunAll_TestsLeftOut_AreThoseOfTheList()
    {
        IReadOnlyList<BackendOutcome> outcomes = BackendRunner.RunAll();
        string text = $"""
            # Conformance tests of ONNX 1.22 that are not run, each with its reason. The other {outcomes.Count(o => o.Passed)} of {outcomes.Count} pass.
            # Written by the tests: CNNONNX_UPDATE=1, then the test of this file.

            """ + string.Concat(outcomes.Where(o => o.LeftOut is not null).OrderBy(o => o.LeftOut, StringComparer.Ordinal)
                .ThenBy(o => o.Name, StringComparer.Ordinal).Select(o => $"{o.Name}: {o.LeftOut}\n"));
        GeneratedFile.AssertCurrent(ListFile, text);
    }
}
