using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class PictureStoreTests
{
    [TestMethod]
    [DataRow(long.MaxValue)]
    [DataRow(0L)]
    public void Indexer_InMemoryAndInAScratchFile_KeepsWhatWasWritten(long mostInMemory)
    {
        using var store = new PictureStore(100, 1000, mostInMemory);
        for (int i = 0; i < 100; i++)
            store[i].Fill((byte)i);
        for (int i = 0; i < 100; i++)
            Assert.IsTrue(store[i].IndexOfAnyExcept((byte)i) < 0);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => store[100].Length);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => store[-1].Length);
    }

    [TestMethod]
    public void Dispose_ScratchFile_IsGone()
    {
        string[] Scratch() => Directory.GetFiles(Path.GetTempPath(), "cnnonnx-*.pictures");
        int before = Scratch().Length;
        var store = new PictureStore(10, 10, mostInMemory: 0);
        store.Dispose();
        store.Dispose();
        Assert.HasCount(before, Scratch());
        Assert.ThrowsExactly<ObjectDisposedException>(() => store[0].Length);
    }
}
