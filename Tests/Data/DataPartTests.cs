using CnnOnnx.Trainer.Data;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class DataPartTests
{
    // 10 of class a, 20 of b, 2 of c.
    private static readonly int[] Labels = [.. Enumerable.Repeat(0, 10), .. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(2, 2)];

    [TestMethod]
    public void Split_Share_IsThatOfEveryClassAndNothingIsLostOrTwice()
    {
        (int[] first, int[] second) = Split(0.3, 5);

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 32).ToArray(), first.Concat(second).ToArray());
        Assert.AreEqual("3 6 1", string.Join(' ', Enumerable.Range(0, 3).Select(c => second.Count(i => Labels[i] == c))));
    }

    [TestMethod]
    public void Split_Seed_DecidesTheSplit()
    {
        CollectionAssert.AreEqual(Split(0.3, 5).Second, Split(0.3, 5).Second);
        CollectionAssert.AreNotEqual(Split(0.3, 5).Second, Split(0.3, 6).Second);
    }

    [TestMethod]
    [DataRow(0.001)]
    [DataRow(0.999)]
    public void Split_ExtremeShare_LeavesEveryClassOnBothSides(double share)
    {
        (int[] first, int[] second) = Split(share, 0);
        for (int c = 0; c < 3; c++)
            Assert.IsTrue(first.Any(i => Labels[i] == c) && second.Any(i => Labels[i] == c));
    }

    [TestMethod]
    public void Split_ClassOfOnePicture_IsRefused()
    {
        var part = new DataPart("all", ["a", "b"], [0, 0, 1], (_, _, _, _) => throw new InvalidOperationException());
        var fault = Assert.ThrowsExactly<BadInputException>(() => part.Split(0.2, 0));
        Assert.AreEqual("class 'b' has one picture; expected at least two, to train with and to validate with", fault.Message);
    }

    [TestMethod]
    public void ForTraining_ShareOfASplitSet_IsRefused()
    {
        DataPart Part(string name) => new(name, ["a", "b"], [0, 1], (_, _, _, _) => throw new InvalidOperationException());
        var fault = Assert.ThrowsExactly<BadInputException>(() => new DataSource("set", [Part("train"), Part("test")]).ForTraining(0.3, 0));
        Assert.AreEqual("set: is split into train and test; --validation is for a folder without a split", fault.Message);
    }

    /// <summary>Which pictures the two parts would read.</summary>
    private static (int[] First, int[] Second) Split(double share, int seed)
    {
        int[] read = [];
        var part = new DataPart("all", ["a", "b", "c"], Labels, (indices, _, _, _) =>
        {
            read = indices;
            return null!;
        });
        (DataPart first, DataPart second) = part.Split(share, seed);
        int[] Read(DataPart which)
        {
            _ = which.Load(null!, null, default);
            CollectionAssert.AreEqual(read.Select(i => Labels[i]).ToArray(), which.Labels);
            return read;
        }

        return (Read(first), Read(second));
    }
}
