using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Boxes;

[TestClass]
public sealed class BoxSourceTests
{
    private const int Pictures = 23, Size = 5;

    private const string Changes = "mosaic=0.7,flip,zoom=0.4,translate=0.1,hsv";

    private static readonly InputSpec Spec = new() { Size = new(64, 64), Resize = ResizeMode.Letterbox };

    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void Draw()
    {
        for (int i = 0; i < Pictures; i++)
            TestPictures.Write(_folder.File($"{i:00}.png"), height: 50 + i, width: 60, seed: i);
    }

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Next_AnyNumberOfWorkers_GivesTheSameBatches()
    {
        string one = Read(Open(1), Order(3));
        Assert.AreEqual(one, Read(Open(4), Order(3)));
        Assert.AreNotEqual(one, Read(Open(1), Order(4)));
        BoxSource again = Open(2);
        _ = Read(again, Order(1));
        Assert.AreEqual(one, Read(again, Order(3)), "What was decoded before makes no difference.");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void Open_WithinAnEpoch_GoesOnWithTheSameBatches(int first) =>
        Assert.AreEqual(string.Join('\n', Read(Open(3), Order(1)).Split('\n').Skip(first)), Read(Open(2), Order(1), first));

    [TestMethod]
    public void Next_Scales_AreChosenBySeedEpochAndBatchAlone()
    {
        BoxSource source = Open(2);
        source.Scales = [32, 64, 96];
        int[] sides = Sides(source, Order(0));
        CollectionAssert.AreEqual(sides, Sides(source, Order(0)));
        Assert.IsTrue(Enumerable.Range(0, 5).SelectMany(e => Sides(source, Order(e))).Distinct().Order().SequenceEqual([32, 64, 96]));
        CollectionAssert.AreEqual(sides[2..], Sides(source, Order(0), first: 2));
        Assert.IsTrue(Sides(source, BatchOrder.InSequence(Pictures, Size)).All(s => s == 64), "What is measured has the usual size.");
    }

    // The referee is the preprocessing of a single picture.
    [TestMethod]
    public void Next_Measuring_IsTheLetterboxedPictureAndItsBoxes()
    {
        using DisposeScope scope = NewDisposeScope();
        using BoxSource source = Open(2);
        using BatchReader reader = source.Open(BatchOrder.InSequence(Pictures, Size), 0, CPU, default);
        Batch batch = reader.Next();
        for (int i = 0; i < Size; i++)
        {
            using Mat picture = PictureFile.Read(_folder.File($"{i:00}.png"));
            float[] expected = new float[3 * 64 * 64];
            Preprocessor.ToNchw(picture, Spec, expected);
            float[] made = batch.Inputs[i].data<float>().ToArray();
            // whole levels of 255, and one rounding of the product
            Assert.IsLessThan(1e-6, expected.Zip(made, (a, b) => Math.Abs(a - b)).Max());
        }

        // Picture 4 is 60x54, so 1.0667 of it fits: 64x58, three rows below the top. Its box is 10 5 20 30.
        float[] row = [.. batch.Targets.data<float>().ToArray().Chunk(6).Single(r => r[0] == 4)];
        double across = 64.0 / 60, down = 58.0 / 54;
        float[] wanted = [4, 1, (float)(20 * across), (float)((20 * down) + 3), (float)(20 * across), (float)(30 * down)];
        for (int k = 0; k < 6; k++)
            Assert.AreEqual(wanted[k], row[k], 1e-4);
    }

    [TestMethod]
    public void Next_PicturesWithoutBoxes_HaveTargetsOfNoRows()
    {
        using DisposeScope scope = NewDisposeScope();
        using var source = new BoxSource(Spec, ["a"], [new BoxPicture(_folder.File("00.png"), new(60, 50), [])]);
        using BatchReader reader = source.Open(BatchOrder.InSequence(1, 1), 0, CPU, default);
        CollectionAssert.AreEqual(new long[] { 0, 6 }, reader.Next().Targets.shape);
    }

    [TestMethod]
    public void Next_UnreadablePicture_IsLeftOutAndTheRestNumberedAnew()
    {
        File.WriteAllText(_folder.File("01.png"), "no picture");
        using DisposeScope scope = NewDisposeScope();
        using BoxSource source = Open(2);
        using BatchReader reader = source.Open(BatchOrder.InSequence(Pictures, Size), 0, CPU, default);
        Batch batch = reader.Next();
        Assert.AreEqual(4, batch.Count);
        // pictures 0, 2, 3, 4 have the classes 0, 0, 1, 1
        float[][] rows = [.. batch.Targets.data<float>().ToArray().Chunk(6)];
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3 }, rows.Select(r => r[0]).ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 1 }, rows.Select(r => r[1]).ToArray());
        StringAssert.StartsWith(source.Unreadable.Single(), _folder.File("01.png"));
        Assert.AreEqual(-1, source.Bytes(1).IndexOfAnyExcept((byte)0));
    }

    [TestMethod]
    public void Labels_ArePicturesByTheirRarestClass()
    {
        LabelledBox box = new(0, 1, 1, 9, 9);
        BoxPicture Of(params int[] classes) => new("", new(20, 20), [.. classes.Select(c => box with { Class = c })]);
        using var source = new BoxSource(Spec, ["a", "b", "c"], [Of(0, 1), Of(0), Of(1, 0, 2), Of(), Of(0)]);
        CollectionAssert.AreEqual(new[] { 1, 0, 2, 3, 0 }, source.Labels.ToArray());
    }

    [TestMethod]
    public void Dispose_Source_FreesThePictures() => Assert.AreEqual(0, AbandonedMats.After(() =>
    {
        for (int i = 0; i < 2; i++)
            using (BoxSource source = Open(3))
                _ = Read(source, Order(i));
    }));

    private BoxSource Open(int workers) => new(Spec, ["a", "b"], [.. Enumerable.Range(0, Pictures).Select(i =>
        new BoxPicture(_folder.File($"{i:00}.png"), new(60, 50 + i), [new LabelledBox(i / 3 % 2, 10, 5, 20, 30)]))])
    {
        Workers = workers,
        Ahead = 2,
        Augmentation = Augmentation.Parse(Changes),
    };

    private static BatchOrder Order(int epoch) => BatchOrder.Shuffled(Pictures, Size, 5, epoch);

    private static string Read(BoxSource source, BatchOrder order, int first = 0) =>
        string.Join('\n', Batches(source, order, first, batch =>
        $"{string.Join(' ', batch.Targets.data<float>().ToArray())}: {Convert.ToHexString(batch.Inputs.bytes)}"));

    private static int[] Sides(BoxSource source, BatchOrder order, int first = 0) =>
        Batches(source, order, first, batch => (int)batch.Inputs.size(2));

    private static T[] Batches<T>(BoxSource source, BatchOrder order, int first, Func<Batch, T> use)
    {
        using BatchReader reader = source.Open(order, first, CPU, default);
        var made = new List<T>();
        for (int i = first; i < order.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            made.Add(use(reader.Next()));
        }

        return [.. made];
    }
}
