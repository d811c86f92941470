using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Tests.Dump;

[TestClass]
public sealed class SideBySideTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void MadeSideBySide_ItemsThatWaitForOneAnother_ComeInTheirOrder()
    {
        using var begun = new CountdownEvent(3);
        int[] seen = [.. Enumerable.Range(0, 3).MadeSideBySide(3, i =>
        {
            begun.Signal();
            Assert.IsTrue(begun.Wait(Long), "they are made one after another");
            return new Made(i);
        }, CancellationToken.None).Select(made => made.Number)];
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, seen);
    }

    [TestMethod]
    public void MadeSideBySide_SlowConsumer_NeverHasMoreThanSaid()
    {
        int begun = 0, taken = 0, most = 0;
        foreach (Made made in Enumerable.Range(0, 40).MadeSideBySide(3, i =>
        {
            int here = Interlocked.Increment(ref begun) - Volatile.Read(ref taken);
            for (int before = most; here > before; before = most)
                Interlocked.CompareExchange(ref most, here, before);
            return new Made(i);
        }, CancellationToken.None))
        {
            Thread.Sleep(1);
            Interlocked.Increment(ref taken);
        }

        Assert.AreEqual(3, most);
    }

    [TestMethod]
    public void MadeSideBySide_Fault_ComesInItsPlaceAndNothingIsLeft()
    {
        var made = new Made?[4];
        var seen = new List<int>();
        using var all = new CountdownEvent(4);
        var fault = Assert.ThrowsExactly<BadInputException>(() =>
        {
            foreach (Made item in Enumerable.Range(0, 4).MadeSideBySide(4, Make, CancellationToken.None))
            {
                using Made own = item;
                Assert.IsTrue(all.Wait(Long));
                seen.Add(own.Number);
            }
        });
        Assert.AreEqual("second", fault.Message);
        CollectionAssert.AreEqual(new[] { 0 }, seen);
        Assert.IsTrue(made[2]!.IsDisposed && made[3]!.IsDisposed);

        Made Make(int i)
        {
            all.Signal();
            return i == 1 ? throw new BadInputException("second") : made[i] = new Made(i);
        }
    }

    [TestMethod]
    public void MadeSideBySide_ItemThatIsGoneWithTheNext_IsMadeBeforeThat()
    {
        int current = -1;
        IEnumerable<int> frames = Enumerable.Range(0, 20).Select(i => current = i);
        int[] seen = [.. frames.MadeSideBySide(4, _ =>
        {
            Thread.Yield();
            return new Made(current);
        }, CancellationToken.None, waits: _ => true).Select(made => made.Number)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 20).ToArray(), seen);
    }

    // Two runs of 64 bytes are within the budget: one that is drawn, and one that is made meanwhile.
    [TestMethod]
    [DataRow(null, 3)]
    [DataRow(128L, 1)]
    public void Drawn_SixThreads_DrawsSeveralAsFarAsTheyHaveRoom(long? memory, int expected)
    {
        string model = SmallNetworks.Named("c").SaveTo(_folder), input = _folder.File("x.npy");
        NpyFile.Write(input, TensorData.FromArray(new float[16], new TensorShape(1, 1, 4, 4)));
        var options = new DumpOptions
        {
            Activation = new ActivationOptions { Tensors = ["c"] },
            Memory = memory,
            Threads = 6,
            Without = DumpParts.Report | DumpParts.Kernels,
        };
        using var dumper = new Dumper(model, options, new Dictionary<string, TensorData>(), _folder.Path);
        IEnumerable<InputItem> items = Enumerable.Range(0, 12)
            .Select(i => new InputItem($"{i}", $"{i}", $"{i}", () => ModelInput.Read(input)));
        int begun = 0, drawing = 0, most = 0;
        using var several = new ManualResetEventSlim();
        var names = new List<string>();
        foreach (DrawnBatch batch in dumper.Drawn(items, item => _folder.File(item.Name), Draw, CancellationToken.None))
        {
            using DrawnBatch drawn = batch;
            dumper.Finish(drawn);
            names.Add(drawn.Targets[0].Item.Name);
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, 12).Select(i => $"{i}").ToArray(), names);
        Assert.AreEqual(expected, most);

        void Draw(string tensor)
        {
            int now = Interlocked.Increment(ref drawing);
            for (int before = most; now > before; before = most)
                Interlocked.CompareExchange(ref most, now, before);
            if (now == 3)
                several.Set();
            // The first is drawn alone, and where one is drawn at a time nobody waits long for others.
            if (Interlocked.Increment(ref begun) > 1)
                several.Wait(expected > 1 ? Long : TimeSpan.FromMilliseconds(20));
            Interlocked.Decrement(ref drawing);
        }
    }

    [TestMethod]
    public void Reopen_FolderAboveOneThatIsWritten_LeavesWhatIsInTheMaking()
    {
        using var below = new PendingFile(_folder.File("a/b/manifest.json"));
        File.WriteAllText(_folder.File("a/.0123456789abcdef1.part"), "of a process that was killed");
        ResultFiles.Reopen(_folder.File("a"));
        below.Write([1]);
        below.Commit();
        CollectionAssert.AreEquivalent(new[] { _folder.File("a/b/manifest.json"), _folder.File("a/.unfinished") },
            Directory.GetFiles(_folder.File("a"), "*", SearchOption.AllDirectories));
    }

    private sealed class Made(int number) : IDisposable
    {
        public int Number => number;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
