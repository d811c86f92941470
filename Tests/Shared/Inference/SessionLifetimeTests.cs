using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>Who may use what until when, and what one run may do to the next.</summary>
[TestClass]
public sealed class SessionLifetimeTests
{
    [TestMethod]
    [DataRow(ElementType.Float)]
    [DataRow(ElementType.Float16)]
    public void Activation_AfterItsRunWasDisposed_Throws(ElementType type)
    {
        var graph = new GraphBuilder("m");
        graph.Output(graph.Node("Identity", "y", [graph.Input("x", type, 1, 1, 2, 2)]), type, 1, 1, 2, 2);
        using var session = ActivationSession.Open(graph.Build());
        using Mat white = new(2, 2, MatType.CV_8UC3, Scalar.White);
        Activations seen = session.Run(white);
        Activation y = seen["y"], x = seen.Inputs[0];
        float most = y.Statistics.Max;
        seen.Dispose();

        Func<object>[] uses =
            [() => y.Values.Length, () => y.Raw.Length, () => y.Plane(0, 0), () => y.Channels, () => x.Statistics, () => x.Values[0]];
        foreach (Func<object> use in uses)
        {
            var fault = Assert.ThrowsExactly<ObjectDisposedException>(use);
            Assert.Contains("was asked for its elements after the run's activations were disposed", fault.Message);
        }

        // What is no memory of the run stays.
        Assert.AreEqual(("y", "[1, 1, 2, 2]", most), (y.Name, y.Shape.ToString(), y.Statistics.Max));
        seen.Dispose();
    }

    [TestMethod]
    public void ActivationOfASample_AfterItOrItsBatchWasDisposed_Throws()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat first = TestPictures.Noise(28, 28, 1), second = TestPictures.Noise(28, 28, 2);
        Activations batch = session.Run([first, second]);
        Activations alone = batch.OfSample(1), rest = batch.OfSample(0);
        Activation one = alone["conv1"], other = rest["conv1"];
        Assert.AreEqual(one.Values[0], batch["conv1"].Values[one.Values.Length]);

        alone.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => one.Values.Length);
        Assert.AreEqual(other.Values[0], batch["conv1"].Values[0], "one sample's end is nobody else's");
        batch.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => other.Values.Length);
        Assert.ThrowsExactly<ObjectDisposedException>(() => rest.Inputs[0].Values.Length);
        rest.Dispose();
    }

    [TestMethod]
    public void Activations_OutliveTheirSession()
    {
        var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(28, 28);
        using Activations seen = session.Run(picture);
        float[] before = seen["logits"].Values.ToArray();
        session.Dispose();
        session.Dispose();
        CollectionAssert.AreEqual(before, seen["logits"].Values.ToArray());
        Assert.ThrowsExactly<ObjectDisposedException>(() => session.Run(picture));
        Assert.ThrowsExactly<ObjectDisposedException>(() => session.CompareWithPlain(seen));
    }

    /// <summary>A token that is cancelled when its run is over, as a timeout is that was set a little long.</summary>
    [TestMethod]
    public void Run_CancelledAfterwards_LeavesTheNextAlone()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(28, 28);
        for (int time = 0; time < 20; time++)
        {
            using var stop = new CancellationTokenSource();
            session.Run(picture, stop.Token).Dispose();
            stop.Cancel();
            using Activations next = session.Run(picture);
            Assert.HasCount(12, next);
        }
    }

    /// <summary>Cancels at every moment of a run, also the last, where it is done and the token does not know yet.</summary>
    [TestMethod]
    public void Run_CancelledAtAnyTime_LeavesTheNextAlone()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        using Mat picture = TestPictures.Noise(28, 28);
        session.Run(picture).Dispose();
        for (int time = 0; time < 100; time++)
        {
            using var stop = new CancellationTokenSource();
            using var go = new ManualResetEventSlim();
            Task cancel = Task.Run(() =>
            {
                go.Wait();
                Thread.SpinWait(time * 200);
                stop.Cancel();
            });
            go.Set();
            try
            {
                session.Run(picture, stop.Token).Dispose();
            }
            catch (OperationCanceledException)
            {
            }

            using Activations next = session.Run(picture);
            Assert.HasCount(12, next);
            cancel.Wait();
        }
    }

    [TestMethod]
    public void Run_OnSeveralThreads_GivesEachItsOwn()
    {
        using var session = ActivationSession.Open(SmallNetworks.LeNet());
        Mat[] pictures = [.. Enumerable.Range(0, 4).Select(i => TestPictures.Noise(40 + i, 50 - i, i))];
        float[][] expected = [.. pictures.Select(Logits)];
        Parallel.For(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            // The convolutions of one picture are the same sums each time.
            CollectionAssert.AreEqual(expected[i % 4], Logits(pictures[i % 4]));
        });
        Array.ForEach(pictures, p => p.Dispose());

        float[] Logits(Mat picture)
        {
            using Activations seen = session.Run(picture);
            return seen["logits"].Values.ToArray();
        }
    }

    [TestMethod]
    public void Run_LoopThatFailsForAnotherReason_IsThatFault()
    {
        using var session = ActivationSession.Open(Loop(grows: false));
        (OnnxModel model, IReadOnlyList<string> tensors, int needed) = (session.Model, session.Tensors, session.NeededNodes);
        var fault = Assert.ThrowsExactly<OnnxException>(() => session.Run(Numbers(3)));
        Assert.StartsWith("m: ONNX Runtime cannot run it: ", fault.Message);
        // All rounds of a run that works are there afterwards, stacked: nothing was opened again for the last round alone.
        using Activations seen = session.Run(Numbers(2));
        Assert.AreEqual("[3, 2]", seen["loop/body/sum"].Shape.ToString());
        Assert.AreSame(model, session.Model);
        Assert.AreSame(tensors, session.Tensors);
        Assert.AreEqual(needed, session.NeededNodes);
    }

    [TestMethod]
    public void Run_LoopWhoseRoundsChange_ShowsTheLastAndSaysTheSameAsBefore()
    {
        using var session = ActivationSession.Open(Loop(grows: true));
        var (model, tensors, skipped) = (session.Model, session.Tensors, session.Skipped);
        using Activations seen = session.Run(Numbers(2));
        Assert.AreEqual("[8]", seen["loop/body/sum"].Shape.ToString());
        Assert.AreSame(model, session.Model);
        Assert.AreSame(skipped, session.Skipped);
        CollectionAssert.AreEqual(tensors.ToArray(), seen.Select(t => t.Name).ToArray());
        Assert.HasCount(seen.Outputs.Count, session.CompareWithPlain(seen));
    }

    /// <summary>What is opened before the fault is closed: the runtime keeps a thread for each core of an open session.</summary>
    [TestMethod]
    public void Open_ThatFails_LeavesNothingOpen()
    {
        var graph = new GraphBuilder("m");
        string list = graph.Node("SequenceConstruct", "list", [graph.Input("x", ElementType.Float, 1)]);
        graph.Output(graph.Node("SequenceLength", "y", [list]), ElementType.Int64);
        OnnxModel model = graph.Build();
        var options = new ActivationOptions { Tensors = ["list"], Threads = 4, PreparesComparison = true };
        void Open() => Assert.ThrowsExactly<BadInputException>(() => ActivationSession.Open(model, options));

        Open();
        int before = Threads();
        for (int time = 0; time < 20; time++)
            Open();
        // Those of .NET itself come and go.
        Assert.IsLessThan(20, Threads() - before);

        static int Threads()
        {
            using var own = System.Diagnostics.Process.GetCurrentProcess();
            return own.Threads.Count;
        }
    }

    private static TensorData Numbers(int count) => TensorData.FromArray([.. Enumerable.Repeat(1f, count)], new TensorShape(count));

    /// <summary>Three rounds of sum = sum + sum, or of sum = sum and sum in one row; then a sum with two numbers.</summary>
    private static OnnxModel Loop(bool grows)
    {
        var body = new GraphBuilder("body");
        body.Input("iteration", ElementType.Int64);
        string on = body.Input("on", ElementType.Bool), before = body.Input("before", ElementType.Float, "K");
        body.Output(body.Node("Identity", "goes", [on]), ElementType.Bool);
        string sum = grows ? body.Node("Concat", "sum", [before, before], ("axis", 0)) : body.Node("Add", "sum", [before, before]);
        body.Output(sum, ElementType.Float, "L");
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, "N");
        string rounds = graph.Initializer("rounds", TensorData.FromArray([grows ? 2L : 3], TensorShape.Scalar));
        graph.Node("Loop", "", "loop", [rounds, "", x], ["y"], ("body", body));
        string two = graph.Initializer("two", TensorData.FromArray([1f, 1], new TensorShape(2)));
        graph.Output(grows ? "y" : graph.Node("Add", "z", ["y", two]), ElementType.Float, "M");
        return graph.Build();
    }
}
