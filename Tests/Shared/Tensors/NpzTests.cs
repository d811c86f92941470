using System.IO.Compression;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class NpzTests
{
    // numpy.savez_compressed of {"/conv/out:0": arange(6, float32) as (2, 3), "x": uint8 [1]}.
    private const string OfNumPy =
        "UEsDBBQAAAAIAAAAIQBP6QAqVQAAAJgAAAAPABQAL2NvbnYvb3V0OjAubnB5AQAQAJgAAAAAAAAAVQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfV"
            + "FKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGmjoKtQpkAy4GMGiwBxIOQATEDUC8wAEAUEsDBBQAAAAIAAAAIQB7sqbARQAAAIEAAAAFABQAeC5ucHkBABAA"
            + "gQAAAAAAAABFAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6mjoKtQoUAC5GAFBLAQIUAxQ"
            + "AAAAIAAAAIQBP6QAqVQAAAJgAAAAPAAAAAAAAAAAAAACAAQAAAAAvY29udi9vdXQ6MC5ucHlQSwECFAMUAAAACAAAACEAe7KmwEUAAACBAAAABQAAAAAAAAAAAA"
            + "AAgAGWAAAAeC5ucHlQSwUGAAAAAAIAAgBwAAAAEgEAAAAA";

    private static readonly string[] Names = ["/features/0/Conv_output_0", "relu:0", "../up", "a\\b", "C:/x", "ü 图", " "];

    [TestMethod]
    public void Read_ArchiveOfNumPy_GivesItsTensors()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.npz"), Convert.FromBase64String(OfNumPy));
        using var reader = NpzReader.Open(folder.File("a.npz"));
        CollectionAssert.AreEqual(new[] { "/conv/out:0", "x" }, reader.Keys.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, reader.Read("/conv/out:0").As<float>().ToArray());
        Assert.AreEqual(new TensorShape(1), reader.Read("x").Shape);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Add_AnyNames_AreReadBackUnchanged(bool compress)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("a.npz"), compress);
        using var reader = NpzReader.Open(folder.File("a.npz"));
        CollectionAssert.AreEqual(Names, reader.Keys.ToArray());
        for (int i = 0; i < Names.Length; i++)
            CollectionAssert.AreEqual(Values(i), reader.Read(Names[i]).As<float>().ToArray());
    }

    [TestMethod]
    public void Add_SameTensors_GiveTheSameFile()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("a.npz"), compress: false);
        Write(folder.File("b.npz"), compress: false);
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("a.npz")), File.ReadAllBytes(folder.File("b.npz")));
        using ZipArchive zip = ZipFile.OpenRead(folder.File("a.npz"));
        Assert.IsTrue(zip.Entries.All(entry => entry.CompressedLength == entry.Length), "stored, not deflated");
    }

    [TestMethod]
    public void Add_ToAStreamThatOnlyGoesForward_Works()
    {
        using var memory = new MemoryStream();
        using (var forward = new GZipStream(memory, CompressionLevel.NoCompression, leaveOpen: true))
        using (var writer = new NpzWriter(forward))
            writer.Add("x", [1f, 2f], new(2));
        memory.Position = 0;
        using var back = new GZipStream(memory, CompressionMode.Decompress);
        using var whole = new MemoryStream();
        back.CopyTo(whole);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.npz"), whole.ToArray());
        using var reader = NpzReader.Open(folder.File("a.npz"));
        CollectionAssert.AreEqual(new[] { 1f, 2f }, reader.Read("x").As<float>().ToArray());
    }

    [TestMethod]
    public void Add_SameKeyTwiceOrATypeThatNumPyHasNot_IsRefused()
    {
        using var memory = new MemoryStream();
        using var writer = new NpzWriter(memory);
        writer.Add("x", [1f], new(1));
        Assert.AreEqual("The archive already has a tensor 'x'.",
            Assert.ThrowsExactly<ArgumentException>(() => writer.Add("x", [1f], new(1))).Message);
        Assert.AreEqual("y: NumPy has no element type float8e5m2",
            Assert.ThrowsExactly<BadInputException>(() => writer.Add("y", ElementType.Float8E5M2, new(1), [0])).Message);
    }

    [TestMethod]
    public void Read_UnknownKey_SaysWhichThereAre()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.npz"), Convert.FromBase64String(OfNumPy));
        using var reader = NpzReader.Open(folder.File("a.npz"));
        Assert.AreEqual($"{folder.File("a.npz")}: has no tensor 'y'; it has /conv/out:0, x",
            Assert.ThrowsExactly<BadInputException>(() => reader.Read("y")).Message);
    }

    [TestMethod]
    public void Read_DamagedArchives_AreRefusedInOneLineOrRead()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Convert.FromBase64String(OfNumPy);
        var random = new Random(2);
        for (int trial = 0; trial < 500; trial++)
        {
            byte[] damaged = trial % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int i = 0; i < trial % 4 && damaged.Length > 0; i++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder.File("a.npz"), damaged);
            try
            {
                using var reader = NpzReader.Open(folder.File("a.npz"));
                foreach (string key in reader.Keys)
                    reader.Read(key);
            }
            catch (BadInputException fault)
            {
                Assert.DoesNotContain("\n", fault.Message);
            }
        }
    }

    private static void Write(string path, bool compress) => CnnOnnx.Files.AtomicFile.Write(path, file =>
    {
        using var writer = new NpzWriter(file, compress);
        for (int i = 0; i < Names.Length; i++)
            writer.Add(Names[i], Values(i), new(1, i + 1));
    });

    private static float[] Values(int i) => [.. Enumerable.Range(0, i + 1).Select(v => v + i / 10f)];
}
