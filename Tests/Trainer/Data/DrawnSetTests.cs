using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Data;
using OpenCvSharp;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class DrawnSetTests
{
    private static IEnumerable<object[]> Names => DrawnSet.All.Select(set => new object[] { set.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Draw_Set_IsADataSetWithAsManyPictures(string name)
    {
        using var folder = new TemporaryFolder();
        DrawnSet set = Find(name);

        set.Draw(folder.File("set"), 5, 2, 0, null, default);

        PictureFolder source = PictureFolder.Open(folder.File("set"));
        CollectionAssert.AreEqual(set.Classes.Select(c => c.Name).ToArray(), source.Classes);
        Assert.AreEqual((5 * set.Classes.Length, 2 * set.Classes.Length),
            (source.ForEvaluation("train").Count, source.ForEvaluation(null).Count));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path), "Nothing is left beside it.");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Draw_Seed_DecidesEveryPixel(string name)
    {
        using var folder = new TemporaryFolder();
        foreach ((string sub, int seed) in new[] { ("a", 3), ("b", 3), ("c", 4) })
            Find(name).Draw(folder.File(sub), 3, 1, seed, null, default);

        CollectionAssert.AreEqual(Contents(folder.File("a")), Contents(folder.File("b")));
        string[] all = Contents(folder.File("a"));
        Assert.IsEmpty(all.Intersect(Contents(folder.File("c"))));
        CollectionAssert.AllItemsAreUnique(all);
    }

    [TestMethod]
    public void Draw_Xo_IsOneBitBlackOnWhite()
    {
        using var folder = new TemporaryFolder();
        Find("xo").Draw(folder.File("xo"), 20, 1, 0, null, default);
        foreach (string path in Directory.GetFiles(folder.Path, "*.png", SearchOption.AllDirectories))
        {
            // IHDR: width, height, bits a pixel, colour type 0 = grey
            CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 116, 0, 0, 0, 116, 1, 0 }, File.ReadAllBytes(path)[16..26]);
            using Mat picture = PictureFile.Read(path);
            double ink = 1 - (picture.Mean().Val0 / 255);
            Assert.IsTrue(ink is > 0.003 and < 0.2, $"{path}: {ink:P1} ink.");
        }
    }

    [TestMethod]
    public void Draw_FolderIsNotEmpty_IsRefusedAndLeftAlone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("mine"), "");
        var fault = Assert.ThrowsExactly<BadInputException>(() => Find("xo").Draw(folder.Path, 1, 1, 0, null, default));
        Assert.AreEqual($"{folder.Path}: is not empty, expected a new folder for the pictures", fault.Message);
        fault = Assert.ThrowsExactly<BadInputException>(() => Find("xo").Draw(folder.File("mine"), 1, 1, 0, null, default));
        Assert.AreEqual($"{folder.File("mine")}: is a file, expected a new folder for the pictures", fault.Message);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Draw_Cancelled_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        int drawn = 0;
        Assert.Throws<OperationCanceledException>(() => Find("xo").Draw(folder.File("xo"), 5, 5, 0, () =>
        {
            if (++drawn == 3)
                cancel.Cancel();
        }, cancel.Token));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static DrawnSet Find(string name) => DrawnSet.All.Single(set => set.Name == name);

    private static string[] Contents(string folder) =>
        [.. Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(p => Convert.ToHexString(File.ReadAllBytes(p)))];
}
