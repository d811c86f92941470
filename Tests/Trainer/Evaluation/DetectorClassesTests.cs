using CnnOnnx.Trainer.Evaluation;

namespace CnnOnnx.Tests.Evaluation;

[TestClass]
public sealed class DetectorClassesTests
{
    [TestMethod]
    public void Pair_Names_IgnoresOrderSpacesAndCase()
    {
        DetectorClasses pairs = Pair(["Person", "aeroplane", "pottedplant", "zebra"], ["potted plant", "airplane", "person", "unicorn"]);
        CollectionAssert.AreEqual(new[] { 2, 1, 0, -1 }, pairs.ClassOf);
        CollectionAssert.AreEqual(new[] { true, true, true, false }, pairs.IsMeasured);
        CollectionAssert.AreEqual(new[]
        {
            "not measured, since the model does not know them: unicorn (5 boxes)",
            "left out of what is found, since the data does not know them: zebra",
            "taken for the same: Person = person, aeroplane = airplane, pottedplant = potted plant",
        }, pairs.Notes.ToArray());
    }

    [TestMethod]
    public void Pair_TheSameNames_SaysNothing() => Assert.IsEmpty(Pair(["a", "b"], ["b", "a"]).Notes);

    [TestMethod]
    public void Pair_OneClassEach_IsTakenForTheSame()
    {
        DetectorClasses pairs = Pair(["face"], ["head"]);
        CollectionAssert.AreEqual(new[] { 0 }, pairs.ClassOf);
        Assert.AreEqual("the model's only class 'face' is taken for the data's only class 'head'", pairs.Notes.Single());
    }

    [TestMethod]
    public void Pair_NamelessModel_IsTakenInOrder()
    {
        DetectorClasses pairs = DetectorClasses.Pair("m.onnx", [], 2, ["a", "b"], [1, 1]);
        Assert.IsNull(pairs.ClassOf);
        CollectionAssert.AreEqual(new[] { "the model names no classes, so they are taken in the data's order" }, pairs.Notes.ToArray());
        Assert.AreEqual("m.onnx: tells 3 classes apart and names none, the data has 2 (a, b); expected as many, or their names (--labels)",
            Assert.ThrowsExactly<BadInputException>(() => DetectorClasses.Pair("m.onnx", [], 3, ["a", "b"], [1, 1])).Message);
    }

    [TestMethod]
    public void Pair_NothingInCommon_IsRefused() => Assert.AreEqual(
        "m.onnx: finds face, cat, the data has head, dog; expected at least one class of the same name (--labels gives the model's classes "
            + "other names)",
        Assert.ThrowsExactly<BadInputException>(() => Pair(["face", "cat"], ["head", "dog"])).Message);

    private static DetectorClasses Pair(string[] labels, string[] classes) =>
        DetectorClasses.Pair("m.onnx", labels, labels.Length, classes, [.. classes.Select(_ => 5)]);
}
