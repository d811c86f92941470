using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

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
        var fault = Assert.ThrowsExactly<BadInputException>(() => part.Split(0.2, 0, "set"));
        Assert.AreEqual("set: class 'b' has one picture; expected at least two, to train with and to validate with", fault.Message);
    }

    // Parts of the set, --validation, then: pictures to learn from, what the best epoch is chosen on, what is tested with.
    [TestMethod]
    [DataRow("train test", null, 18, "held-out 2", "test 20")]
    [DataRow("train test", 0.3, 14, "held-out 6", "test 20")]
    [DataRow("train test", 0.0, 20, "test 20", "test 20")]
    [DataRow("train val test", null, 20, "val 20", "test 20")]
    [DataRow("train val", null, 20, "val 20", "")]
    [DataRow("train", null, 16, "held-out 4", "")]
    [DataRow("all", 0.5, 10, "held-out 10", "")]
    public void ForTraining_TestPictures_NeverChooseTheEpoch(string parts, double? share, int train, string validation, string test)
    {
        TrainingParts got = Set(parts).ForTraining(share, 0);

        Assert.AreEqual(train, got.Train.Count);
        Assert.AreEqual(validation, $"{got.Validation.Name} {got.Validation.Count}");
        Assert.AreEqual(test, got.Test is null ? "" : $"{got.Test.Name} {got.Test.Count}");
        Assert.AreEqual(train, got.Train.Labels.Count(l => l == 0) * 2, "Both classes have the same share.");
    }

    [TestMethod]
    [DataRow("train val", 0.3,
        "set: is split into train and val; a share is held out of a data set without validation pictures of its own")]
    [DataRow("all", 0.0, "set: has no test pictures, so some have to be held out to measure with; got a share of 0, expected one above")]
    [DataRow("test", null, "set: has only test, expected pictures to train with")]
    public void ForTraining_SenselessShare_IsRefused(string parts, double? share, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => Set(parts).ForTraining(share, 0)).Message);

    /// <summary>Ten pictures of either class in each part.</summary>
    private static PictureFolder Set(string parts) => new("set", [.. parts.Split(' ').Select(name =>
        new DataPart(name, ["a", "b"], [.. Enumerable.Range(0, 20).Select(i => i % 2)], (_, _, _, _) =>
            throw new InvalidOperationException()))]);

    /// <summary>Which pictures the two parts would read.</summary>
    private static (int[] First, int[] Second) Split(double share, int seed)
    {
        int[] read = [];
        var part = new DataPart("all", ["a", "b", "c"], Labels, (indices, _, _, _) =>
        {
            read = indices;
            return null!;
        });
        (DataPart first, DataPart second) = part.Split(share, seed, "set");
        int[] Read(DataPart which)
        {
            _ = which.Load(new InputSpec { Size = new(1, 1) }, null, default);
            CollectionAssert.AreEqual(read.Select(i => Labels[i]).ToArray(), which.Labels);
            return read;
        }

        return (Read(first), Read(second));
    }
}
