using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class ConfusionMatrixTests
{
    // is \ said  a  b  c
    //        a   3  1  0
    //        b   2  4  0
    //        c   0  0  0
    private static readonly ConfusionMatrix Matrix = Of((0, 0, 3), (0, 1, 1), (1, 0, 2), (1, 1, 4));

    [TestMethod]
    public void Accuracy_Counts_IsTheShareOnTheDiagonal()
    {
        Assert.AreEqual(10, Matrix.Total);
        Assert.AreEqual(0.7, Matrix.Accuracy, 1e-12);
    }

    [TestMethod]
    public void ClassFigures_Counts_AreThoseOfTheDefinitions()
    {
        ClassReport[] rows = new Score(0, Matrix, ["a", "b", "c"]).Classes;
        Assert.AreEqual(new ClassReport("a", 3 / 5.0, 3 / 4.0, 2 * 0.6 * 0.75 / 1.35, 4), rows[0]);
        Assert.AreEqual(new ClassReport("b", 4 / 5.0, 4 / 6.0, 2 * (4 / 5.0) * (4 / 6.0) / ((4 / 5.0) + (4 / 6.0)), 6), rows[1]);
        Assert.AreEqual(new ClassReport("c", 0, 0, 0, 0), rows[2]);
    }

    [TestMethod]
    public void ToRows_Counts_ArePlain() =>
        Assert.AreEqual("3 1 0, 2 4 0, 0 0 0", string.Join(", ", Matrix.ToRows().Select(row => string.Join(' ', row))));

    private static ConfusionMatrix Of(params (int Actual, int Predicted, int Count)[] cells)
    {
        var matrix = new ConfusionMatrix(3);
        foreach ((int actual, int predicted, int count) in cells)
            for (int i = 0; i < count; i++)
                matrix.Add(actual, predicted);
        return matrix;
    }
}
