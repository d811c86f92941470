using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class IdxFileTests
{
    private static readonly byte[] Good = IdxFiles.Bytes([2, 2, 3], [.. Enumerable.Range(0, 12).Select(i => (byte)i)]);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Read_RightFile_HasItsElements(bool isPacked)
    {
        IdxFile read = Read(isPacked ? IdxFiles.Gzip(Good) : Good);
        CollectionAssert.AreEqual(new[] { 2, 2, 3 }, read.Dims);
        CollectionAssert.AreEqual(Enumerable.Range(0, 12).Select(i => (byte)i).ToArray(), read.Elements);
    }

    [TestMethod]
    public void Read_ElementsEndEarly_SaysHowMany() => Expect("ends after 9 of 12 elements; the file is cut off", Good[..^3]);

    [TestMethod]
    public void Read_PackedElementsEndEarly_SaysHowMany() =>
        Expect("ends after 9 of 12 elements; the file is cut off", IdxFiles.Gzip(Good[..^3]));

    [TestMethod]
    public void Read_GoesOn_SaysWhatWasExpected() => Expect("goes on after its 12 elements; expected [2, 2, 3] and no more", [.. Good, 1]);

    [TestMethod]
    public void Read_LabelsForPictures_SaysWhichNumberWasExpected() =>
        Expect("starts with 0x00000801, expected 0x00000803 of an IDX file with 3 axes of bytes", IdxFiles.Bytes([4], [1, 2, 3, 4]));

    [TestMethod]
    public void Read_OnlyAHeader_SaysSo() => Expect("ends after 10 bytes, expected an IDX header of 16", Good[..10]);

    [TestMethod]
    public void Read_Empty_SaysSo() => Expect("ends after 0 bytes, expected an IDX header of 16", []);

    // Two gigabytes are claimed and not spent.
    [TestMethod]
    [DataRow(2_000, 1_000, 1_000)]
    [DataRow(-1, -1, -1)]
    [DataRow(0, 28, 28)]
    public void Read_ClaimsMoreThanTheFileCanHold_IsRefused(int count, int height, int width)
    {
        long before = GC.GetTotalAllocatedBytes();
        string message = Fault(IdxFiles.Gzip(IdxFiles.Bytes([count, height, width], [1, 2, 3])));
        StringAssert.EndsWith(message, "elements, which the file cannot hold; it is damaged or cut off");
        Assert.IsLessThan(10_000_000, GC.GetTotalAllocatedBytes() - before);
    }

    // A cut anywhere in the gzip stream, also in its trailer, is one line.
    [TestMethod]
    public void Read_CutGzip_IsOneLineWhereverTheCut()
    {
        byte[] packed = IdxFiles.Gzip(
            IdxFiles.Bytes([100, 2, 3], [.. new Random(1).GetItems(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(), 600)]));
        for (int length = 2; length < packed.Length - 8; length += 7)
        {
            string message = Fault(packed[..length]);
            Assert.DoesNotContain("\n", message);
            StringAssert.StartsWith(message, "FILE: ");
        }
    }

    [TestMethod]
    public void Read_FlippedBit_IsOneLine()
    {
        byte[] packed = IdxFiles.Gzip(Good);
        packed[^6] ^= 1; // the checksum
        StringAssert.StartsWith(Fault(packed), "FILE: the gzip file is damaged or ends early");
    }

    private static void Expect(string message, byte[] content) => Assert.AreEqual("FILE: " + message, Fault(content));

    private static string Fault(byte[] content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("f.idx");
        File.WriteAllBytes(path, content);
        return Assert.ThrowsExactly<BadInputException>(() => IdxFile.Read(path, 3)).Message.Replace(path, "FILE");
    }

    private static IdxFile Read(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("f.idx"), content);
        return IdxFile.Read(folder.File("f.idx"), 3);
    }
}
