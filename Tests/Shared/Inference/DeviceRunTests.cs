using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Tests.Inference;

/// <summary>Runs with bound results, in the CPU's memory: another way to the same bits.</summary>
[TestClass]
public sealed class DeviceRunTests
{
    private static readonly ExecutionDevice BoundCpu = ExecutionDevice.Cpu() with
    {
        ResultMemory = () => new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default),
    };

    [TestMethod]
    public void Of_BoundResults_AreThoseOfAPlainRunInOrder()
    {
        OnnxModel model = SmallNetworks.LeNet();
        using InferenceSession session = SessionFactory.Open(model, SessionSettings.AsWritten);
        string[] names = [.. session.OutputNames];
        using var run = new RunOptions();
        var inputs = new Dictionary<string, OrtValue>();
        try
        {
            foreach ((string name, NodeMetadata facts) in session.InputMetadata)
            {
                long[] shape = [.. facts.Dimensions.Select(size => (long)Math.Max(size, 1))];
                float[] values = [.. Enumerable.Range(0, (int)new TensorShape(shape).Count).Select(i => MathF.Sin(i))];
                inputs.Add(name, OrtValue.CreateTensorValueFromMemory(values, shape));
            }

            using IDisposableReadOnlyCollection<OrtValue> plain = DeviceRun.Of(session, ExecutionDevice.Cpu(), run, inputs, names);
            using IDisposableReadOnlyCollection<OrtValue> bound = DeviceRun.Of(session, BoundCpu, run, inputs, names);

            Assert.HasCount(names.Length, bound);
            for (int i = 0; i < names.Length; i++)
                CollectionAssert.AreEqual(plain[i].GetTensorDataAsSpan<float>().ToArray(), bound[i].GetTensorDataAsSpan<float>().ToArray());
        }
        finally
        {
            foreach (OrtValue value in inputs.Values)
                value.Dispose();
        }
    }

    [TestMethod]
    public void Of_BoundResults_OutliveTheirSession()
    {
        IDisposableReadOnlyCollection<OrtValue> kept;
        using (InferenceSession session = SessionFactory.Open(SmallNetworks.LeNet(), SessionSettings.AsWritten))
        using (var run = new RunOptions())
        using (OrtValue picture = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance,
            session.InputMetadata.Values.Single().ElementDataType,
            [.. session.InputMetadata.Values.Single().Dimensions.Select(size => (long)Math.Max(size, 1))]))
        {
            picture.GetTensorMutableRawData().Clear();
            kept = DeviceRun.Of(session, BoundCpu, run, new Dictionary<string, OrtValue> { [session.InputNames[0]] = picture },
                [.. session.OutputNames]);
        }

        using (kept)
            Assert.IsTrue(float.IsFinite(kept[0].GetTensorDataAsSpan<float>()[0]));
    }

    [TestMethod]
    public void Of_RefusedBinding_IsPlainFromThenOn()
    {
        int asked = 0;
        ExecutionDevice refusing = ExecutionDevice.Cpu() with { ResultMemory = () => Refuse(ref asked) };
        using InferenceSession session = SessionFactory.Open(EmptySlice("y"), SessionSettings.AsWritten);

        CollectionAssert.AreEqual(Relu, Values(session, refusing, "y")[0]);
        CollectionAssert.AreEqual(Relu, Values(session, refusing, "y")[0]);

        Assert.AreEqual(1, asked);
        Assert.IsTrue(DeviceRun.IsRefused(session));
    }

    [TestMethod]
    public void Of_RefusedBindingOfATensorWithoutElements_BindsTheOthersNextTime()
    {
        int asked = 0;
        ExecutionDevice refusing = ExecutionDevice.Cpu() with
        {
            ResultMemory = () => asked == 0 ? Refuse(ref asked) : BoundCpu.ResultMemory!(),
        };
        using InferenceSession session = SessionFactory.Open(EmptySlice("y", "none"), SessionSettings.AsWritten);

        float[][] refused = Values(session, refusing, "y", "none"), bound = Values(session, refusing, "y", "none");

        Assert.IsFalse(DeviceRun.IsRefused(session));
        CollectionAssert.AreEqual(Relu, bound[0]);
        Assert.IsEmpty(bound[1]);
        Assert.IsEmpty(refused[1]);
    }

    [TestMethod]
    public void Of_RefusedAgainWithNothingNew_IsPlain()
    {
        int asked = 0;
        ExecutionDevice refusing = ExecutionDevice.Cpu() with { ResultMemory = () => Refuse(ref asked) };
        using InferenceSession session = SessionFactory.Open(EmptySlice("y", "none"), SessionSettings.AsWritten);

        for (int i = 0; i < 4; i++)
            CollectionAssert.AreEqual(Relu, Values(session, refusing, "y", "none")[0]);

        Assert.AreEqual(2, asked);
        Assert.IsTrue(DeviceRun.IsRefused(session));
    }

    [TestMethod]
    public void Of_NetworkThatCannotRun_ReportsThePlainRunAndRemembersNothing()
    {
        using InferenceSession session = SessionFactory.Open(EmptySlice("y"), SessionSettings.AsWritten);
        using var run = new RunOptions();
        using OrtValue wrong = OrtValue.CreateTensorValueFromMemory([1f], [1, 1]);

        Assert.ThrowsExactly<OnnxRuntimeException>(() =>
            DeviceRun.Of(session, BoundCpu, run, new Dictionary<string, OrtValue> { ["x"] = wrong }, ["y"]));

        Assert.IsFalse(DeviceRun.IsRefused(session));
        CollectionAssert.AreEqual(Relu, Values(session, BoundCpu, "y")[0]);
    }

    private static readonly float[] Given = [-1, 2, -3, 4], Relu = [0, 2, 0, 4];

    // Fails as the runtime does: with an exception of its own.
    private static OrtMemoryInfo Refuse(ref int asked)
    {
        asked++;
        return new OrtMemoryInfo("Nowhere", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
    }

    /// <summary>A network whose output 'y' is its input's and whose output 'none' has no elements.</summary>
    internal static OnnxModel EmptySlice(params string[] outputs)
    {
        var builder = new GraphBuilder("empty");
        string x = builder.Input("x", ElementType.Float, 1, 4);
        string[] ends = [.. new[] { "from", "to", "axis" }.Zip([4L, 4, 1]).Select(p =>
            builder.Initializer(p.First, TensorData.FromArray([p.Second], new TensorShape(1))))];
        builder.Node("Relu", "y", [x]);
        builder.Node("Slice", "none", [x, .. ends]);
        foreach (string output in outputs)
            builder.Output(output, ElementType.Float, 1, output == "y" ? 4 : 0);
        return builder.Build();
    }

    private static float[][] Values(InferenceSession session, ExecutionDevice device, params string[] names)
    {
        using var run = new RunOptions();
        using OrtValue picture = OrtValue.CreateTensorValueFromMemory(Given, [1, 4]);
        using IDisposableReadOnlyCollection<OrtValue> results =
            DeviceRun.Of(session, device, run, new Dictionary<string, OrtValue> { ["x"] = picture }, names);
        return [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
    }
}
