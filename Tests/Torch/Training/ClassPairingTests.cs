using CnnOnnx.Onnx;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class ClassPairingTests
{
    private static readonly OnnxModel Model = HeadGraphs.Build("gemm"); // v, w, x, y, z

    [TestMethod]
    public void Match_NamesOfTheCard_AreFoundInAnyOrderAndNumber()
    {
        ClassPairing names = ClassPairing.Match(Model, Model.Card.Labels, 5, ["z", "w"]);
        CollectionAssert.AreEqual(new[] { 4, 1 }, names.ClassOf);
        CollectionAssert.AreEqual(new[] { "v", "w", "x", "y", "z" }, names.Labels);
        Assert.AreEqual("", names.Remark);
    }

    [TestMethod]
    public void Match_OtherNamesButAsMany_AreTakenInOrderAndThatIsSaid()
    {
        ClassPairing names = ClassPairing.Match(Model, Model.Card.Labels, 5, ["a", "b", "c", "d", "e"]);
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4 }, names.ClassOf);
        Assert.AreEqual("a", names.Labels[0]);
        Assert.AreEqual("; the model's classes have other names (v, w, x, y, …), so they are taken in the data's order", names.Remark);
    }

    [TestMethod]
    public void Match_OtherNamesAndNumber_IsRefused()
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => ClassPairing.Match(Model, Model.Card.Labels, 5, ["a", "b"]));
        Assert.AreEqual("gemm: tells 5 classes apart (v, w, x, y, …), the data has 2 (a, b); expected the same classes", fault.Message);
    }

    [TestMethod]
    public void Match_CardOfAnotherNumber_IsRefused()
    {
        var fault = Assert.ThrowsExactly<OnnxException>(() => ClassPairing.Match(Model, Model.Card.Labels, 4, ["a", "b"]));
        Assert.AreEqual("gemm: 5 classes are named, but it has 4 class scores", fault.Message);
    }
}
