using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class PictureStreamTests
{
    private const int PerClass = 17, Size = 5;

    private static readonly InputSpec Spec = new() { Size = new(8, 6), Channels = ChannelOrder.Bgr, Range = 255 };

    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void Draw() => PictureFolders.Write(_folder.Path, ["a", "b"], PerClass);

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // The referee is the store, which has them decoded beforehand.
    [TestMethod]
    public void Next_Batches_AreThoseOfTheStore()
    {
        using BatchSource stored = Part().Load(Spec, null, default);
        using BatchSource stream = Part().Load(Spec, null, default, mostStored: 100);
        Assert.IsInstanceOfType<PictureSet>(stored);
        Assert.IsInstanceOfType<PictureStream>(stream);
        Assert.AreEqual(Read(stored, epoch: 2), Read(stream, epoch: 2));
        CollectionAssert.AreEqual(stored.Bytes(20).ToArray(), stream.Bytes(20).ToArray());
        CollectionAssert.AreEqual(stored.Labels.ToArray(), stream.Labels.ToArray());
    }

    [TestMethod]
    public void Next_AnyNumberOfWorkers_GivesTheSameBatches()
    {
        string one = Read(Noisy(workers: 1), epoch: 3);
        Assert.AreEqual(one, Read(Noisy(workers: 4), epoch: 3));
        Assert.AreNotEqual(one, Read(Noisy(workers: 1), epoch: 4), "another order and other noise");
        Assert.AreNotEqual(one, Read(Stream(workers: 1), epoch: 3), "the noise is there");
    }

    // Seven batches, the last one of four; the rest of an epoch is the same wherever the reading begins.
    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(6)]
    public void Open_WithinAnEpoch_GoesOnWithTheSameBatches(int first) =>
        Assert.AreEqual(string.Join('\n', Read(Noisy(workers: 3), epoch: 1).Split('\n').Skip(first)),
            Read(Noisy(workers: 2), epoch: 1, first));

    [TestMethod]
    public void Next_Measuring_LeavesPicturesAsTheyAre()
    {
        var order = BatchOrder.InSequence(2 * PerClass, Size);
        Assert.AreEqual(Read(Stream(2), order, 0), Read(Noisy(2), order, 0));
    }

    // However slow the training is, no more than the ring is decoded ahead of it.
    [TestMethod]
    public void Workers_SlowTraining_StayWithinTheRing()
    {
        int decoded = 0;
        PictureStream stream = Stream(workers: 3, augment: (_, _) => Interlocked.Increment(ref decoded));
        using BatchReader reader = stream.Open(Order(0), 0, CPU, default);
        for (int taken = 0; taken < 3; taken++)
        {
            int most = (taken + stream.Ahead) * Size;
            Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref decoded) == most, 20_000), $"{decoded} decoded, expected {most}");
            Thread.Sleep(50);
            Assert.AreEqual(most, decoded);
            using DisposeScope scope = NewDisposeScope();
            Assert.AreEqual(Size, reader.Next().Count);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void Next_UnreadableFile_IsLeftOutOfItsBatchAndNamed(int workers)
    {
        var order = BatchOrder.InSequence(2 * PerClass, Size);
        string[] whole = Read(Stream(1), order, 0).Split('\n');
        File.WriteAllText(_folder.File("b", "03.png"), "no picture");
        PictureStream stream = Stream(workers);

        // The batch after it is in the same slot of the ring.
        string[] read = Read(stream, order, 0).Split('\n');

        // Picture 20 is the first of batch 4, of the second class.
        string[] parts = whole[4].Split(": ");
        int hexDigits = 2 * sizeof(float) * Spec.ChannelCount * Spec.Height * Spec.Width;
        string without = $"{parts[0]["1 ".Length..]}: {parts[1][hexDigits..]}";
        CollectionAssert.AreEqual(new[] { whole[0], whole[1], whole[2], whole[3], without, whole[5], whole[6] }, read);
        Assert.HasCount(1, stream.Unreadable);
        StringAssert.StartsWith(stream.Unreadable[0], _folder.File("b", "03.png"));
        Assert.AreEqual(-1, stream.Bytes(20).IndexOfAnyExcept((byte)0), "It is black where it is shown.");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void Next_TooManyUnreadable_IsRefused(int workers)
    {
        for (int i = 0; i < 4; i++)
            File.WriteAllBytes(_folder.File("a", $"0{i}.png"), []);
        var fault = Assert.ThrowsExactly<BadInputException>(() => Read(Stream(workers), epoch: 0));
        StringAssert.StartsWith(fault.Message, "4 of 34 pictures cannot be read, expected at most 10 %; the first: "
            + $"{_folder.File("a", "00.png")}: is empty");
    }

    [TestMethod]
    public void Next_FaultInAugmentation_NamesTheFile()
    {
        using BatchReader reader = Stream(2, augment: (_, _) => throw new ArgumentException("odd")).Open(Order(0), 0, CPU, default);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => reader.Next()).Message;
        StringAssert.StartsWith(message, _folder.Path);
        StringAssert.EndsWith(message, ".png: odd");
    }

    [TestMethod]
    public void Cancel_WhileWaiting_EndsTheWaitAndTheWorkers()
    {
        using var cancel = new CancellationTokenSource();
        using ManualResetEventSlim isWorking = new(), goesOn = new();
        int pictures = 0;
        BatchReader reader = Stream(2, augment: (_, _) =>
        {
            Interlocked.Increment(ref pictures);
            isWorking.Set();
            goesOn.Wait();
        }).Open(Order(0), 0, CPU, cancel.Token);
        isWorking.Wait();
        cancel.CancelAfter(50);

        Assert.ThrowsExactly<OperationCanceledException>(() => reader.Next());

        goesOn.Set();
        reader.Dispose();
        Assert.IsTrue(pictures is 1 or 2, $"each worker ends with the picture that it has, not {pictures}");
    }

    [TestMethod]
    public void Open_Dispose_LeavesNoThreadsAndNoTensors()
    {
        long live = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (int i = 0; i < 5; i++)
        {
            using BatchReader reader = Noisy(workers: 3).Open(Order(i), 0, CPU, default);
            using DisposeScope scope = NewDisposeScope();
            _ = reader.Next();
            if (OperatingSystem.IsLinux())
                Assert.IsGreaterThan(0, Decoders(), "They are there to be seen: more of the epoch is to come than fits the ring.");
        }

        // The system takes its time to forget a thread that has ended.
        Assert.IsTrue(SpinWait.SpinUntil(() => Decoders() == 0, 10_000), $"{Decoders()} are left");
        Assert.AreEqual(live, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Next_BehindTheLast_IsRefused()
    {
        using BatchReader reader = Stream(1).Open(Order(0), Order(0).Count, CPU, default);
        Assert.ThrowsExactly<InvalidOperationException>(() => reader.Next());
    }

    private static BatchOrder Order(int epoch) => BatchOrder.Shuffled(2 * PerClass, Size, 5, epoch);

    private static string Read(BatchSource source, int epoch, int first = 0) => Read(source, Order(epoch), first);

    /// <summary>A line a batch: targets and pixels.</summary>
    private static string Read(BatchSource source, BatchOrder order, int first)
    {
        using BatchReader reader = source.Open(order, first, CPU, default);
        var lines = new List<string>();
        for (int i = first; i < order.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Batch batch = reader.Next();
            lines.Add($"{string.Join(' ', batch.Targets.data<long>().ToArray())}: {Convert.ToHexString(batch.Inputs.bytes)}");
        }

        return string.Join('\n', lines);
    }

    // Threads by the name that they give themselves, as far as the system tells it.
    private static int Decoders() => OperatingSystem.IsLinux()
        ? Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task).StartsWith("decode", StringComparison.Ordinal))
        : 0;

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        // it has ended since
        catch (IOException)
        {
            return "";
        }
    }

    private DataPart Part() => PictureFolder.Open(_folder.Path).Parts[0];

    private PictureStream Noisy(int workers) =>
        Stream(workers, (picture, random) => picture.Set(random.Next(6), random.Next(8), (byte)random.Next(256)));

    private PictureStream Stream(int workers, Action<Mat, Random>? augment = null) => new(Spec, ["a", "b"], Part().Labels,
        [.. new[] { "a", "b" }.SelectMany(c => Enumerable.Range(0, PerClass).Select(i => _folder.File(c, $"{i:00}.png")))])
    {
        Workers = workers,
        Ahead = 2,
        Augment = augment,
    };
}
