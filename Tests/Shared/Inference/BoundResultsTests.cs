using System.Reflection;
using CnnOnnx.Inference;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Tests.Inference;

/// <summary>
/// What runs teach about binding, with bound runs that fail as CUDA's do: a tensor without elements cannot be copied between two
/// memories of the host, page-locked memory or the card's is short, the network itself is at fault.
/// </summary>
[TestClass]
public sealed class BoundResultsTests : IDisposable
{
    private const string CardIsFull = "[ErrorCode:RuntimeException] Non-zero status code returned while running Conv node. Name:'c' "
        + "Status Message: Available memory of 1048576 is smaller than requested bytes of 115605504";

    // How ONNX Runtime 1.31 refuses to copy between two empty tensors of the host.
    private const string EmptyCopy = "[ErrorCode:RuntimeException] gpu_data_transfer.cc:74 CopyTensor dst_data != src_data was false.";

    private static readonly string[] Names = ["y", "none"];

    private readonly InferenceSession _session = SessionFactory.Open(DeviceRunTests.EmptySlice("y", "none"), SessionSettings.AsWritten);
    private readonly OrtValue _picture = OrtValue.CreateTensorValueFromMemory([-1f, 2, -3, 4], [1, 4]);
    private readonly RunOptions _run = new();
    private readonly BoundResults _results = new();
    private readonly List<string> _calls = [];

    public void Dispose()
    {
        _picture.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    [TestMethod]
    public void Run_EmptyTensorCannotBeCopied_IsMadePlainOnceAndStaysUnbound()
    {
        for (int i = 0; i < 3; i++)
            Run(Cuda, Plain);

        CollectionAssert.AreEqual(new[] { "bound", "plain", "bound", "bound" }, _calls);
        CollectionAssert.AreEqual(new[] { "none" }, _results.Unbound.ToArray());
        Assert.IsFalse(_results.IsRefused);
    }

    [TestMethod]
    public void Run_TwoAtOnceRefusedForTheSame_LearnItOnceAndStayBound()
    {
        using var both = new Barrier(2);
        Parallel.Invoke(Refused, Refused);

        Run(Cuda, Plain);

        CollectionAssert.AreEqual(new[] { "none" }, _results.Unbound.ToArray());
        Assert.IsFalse(_results.IsRefused, "the second one was refused for what the first had learned meanwhile");

        void Refused() => Run(unbound =>
        {
            both.SignalAndWait();
            return Cuda(unbound);
        }, Plain);
    }

    [TestMethod]
    public void Run_ManyAtOnce_AllGetTheirResults()
    {
        Parallel.For(0, 200, _ => Run(unbound =>
        {
            // One that reads while another learns sees a whole set.
            Assert.IsTrue(unbound.SequenceEqual([]) || unbound.SequenceEqual(["none"]));
            return Cuda(unbound);
        }, Plain));

        Assert.IsFalse(_results.IsRefused);
    }

    [TestMethod]
    public void Run_PageLockedMemoryIsShort_IsPlainFromThenOn()
    {
        // Of another session's tensors none is empty.
        string[] names = ["y"];
        for (int i = 0; i < 2; i++)
            Run(_ => throw Fault(CardIsFull), Plain, names);

        CollectionAssert.AreEqual(new[] { "bound", "plain", "plain" }, _calls);
        Assert.IsTrue(_results.IsRefused);
    }

    [TestMethod]
    public void Run_CardIsFull_TellsThatOfTheFirstRunAndTriesPlainOnlyOnce()
    {
        for (int i = 0; i < 3; i++)
        {
            OnnxRuntimeException told = Assert.ThrowsExactly<OnnxRuntimeException>(() =>
                Run(_ => throw Fault(CardIsFull), () => throw Fault("CUDA failure 719: unspecified launch failure")));

            Assert.Contains("requested bytes of 115605504", told.Message);
        }

        CollectionAssert.AreEqual(new[] { "bound", "plain", "bound", "bound" }, _calls);
        // A smaller batch may have room, bound.
        Run(_ => Plain(), Plain);
        Assert.AreEqual("bound", _calls[^1]);
        Assert.IsFalse(_results.IsRefused);
    }

    [TestMethod]
    public void Run_CardIsFull_LineOfTheUserNamesBytesAndWayOut()
    {
        OnnxRuntimeException told = Assert.ThrowsExactly<OnnxRuntimeException>(() =>
            Run(_ => throw Fault(CardIsFull), () => throw Fault(CardIsFull)));

        Assert.AreEqual("net.onnx: its tensors do not fit into the free memory of the device (110.3 MiB more); "
            + "run fewer pictures at once, or in parts", RuntimeFault.Running("net.onnx", told).Message);
    }

    [TestMethod]
    public void Run_NetworkIsAtFault_ThePlainRunSaysItAndNothingIsLearned()
    {
        OnnxRuntimeException told = Assert.ThrowsExactly<OnnxRuntimeException>(() =>
            Run(_ => throw Fault(EmptyCopy), () => throw Fault("Reshape of [1,4] to [3]")));

        Assert.Contains("Reshape", told.Message);
        Assert.IsFalse(_results.IsRefused);
        Assert.IsEmpty(_results.Unbound);
    }

    [TestMethod]
    public void Run_Stopped_IsNotRepeated()
    {
        OnnxRuntimeException told = Assert.ThrowsExactly<OnnxRuntimeException>(() => Run(_ =>
        {
            _run.Terminate = true;
            throw Fault("Exiting due to terminate flag being set to true.");
        }, Plain));

        Assert.Contains("terminate", told.Message);
        CollectionAssert.AreEqual(new[] { "bound" }, _calls);
    }

    // A bound run on CUDA: results are bound to page-locked memory, which an empty tensor of the host cannot be copied to.
    private IDisposableReadOnlyCollection<OrtValue> Cuda(IReadOnlySet<string> unbound) =>
        unbound.Contains("none") ? Plain() : throw Fault(EmptyCopy);

    private IDisposableReadOnlyCollection<OrtValue> Plain() =>
        _session.Run(_run, new Dictionary<string, OrtValue> { ["x"] = _picture }, Names);

    private void Run(Func<IReadOnlySet<string>, IDisposableReadOnlyCollection<OrtValue>> bound,
        Func<IDisposableReadOnlyCollection<OrtValue>> plain, string[]? names = null)
    {
        using IDisposableReadOnlyCollection<OrtValue> results = _results.Run(names ?? Names, _run,
            unbound => Called("bound", () => bound(unbound)), () => Called("plain", plain));
        CollectionAssert.AreEqual(new float[] { 0, 2, 0, 4 }, results[0].GetTensorDataAsSpan<float>().ToArray());
        Assert.AreEqual(0, results[1].GetTensorTypeAndShape().ElementCount);
    }

    private T Called<T>(string what, Func<T> call)
    {
        lock (_calls)
            _calls.Add(what);
        return call();
    }

    // The runtime alone makes these.
    private static OnnxRuntimeException Fault(string message)
    {
        ConstructorInfo make = typeof(OnnxRuntimeException).GetConstructors(BindingFlags.NonPublic | BindingFlags.Instance)
            .Single(c => c.GetParameters() is [{ ParameterType.IsEnum: true }, { ParameterType: var text }] && text == typeof(string));
        return (OnnxRuntimeException)make.Invoke([Enum.ToObject(make.GetParameters()[0].ParameterType, 1), message]);
    }
}
