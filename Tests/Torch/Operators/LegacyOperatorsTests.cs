using static CnnOnnx.Tests.Operators.OperatorCheck;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class LegacyOperatorsTests
{
    [TestMethod]
    public void ImageScaler_ScaleAndBias_AgreesWithOrt() =>
        new OperatorCheck(
            "ImageScaler", 7,
                Floats([2, 3, 4, 5], 1))
        { Attributes = [("scale", 0.5f), ("bias", new float[] { 1, -2, 3 })] }.AgreesWithOrt();

    [TestMethod]
    public void Crop_BorderWithAndWithoutSize_AgreesWithOrt()
    {
        new OperatorCheck("Crop", 7, Floats([2, 3, 6, 7], 1)) { Attributes = [("border", new long[] { 1, 2, 3, 0 })] }.AgreesWithOrt();
        new OperatorCheck(
            "Crop", 7, Floats([2, 3, 6, 7], 1))
        {
            Attributes =
                [("border", new long[] { 1, 2, 0, 0 }), ("scale", new long[] { 3, 2 })]
        }.AgreesWithOrt();
    }

    [TestMethod]
    [DataRow("Affine")]
    [DataRow("ParametricSoftplus")]
    [DataRow("ScaledTanh")]
    public void ElementwiseOperators_AlphaAndBeta_AgreeWithOrt(string type) =>
        new OperatorCheck(type, 7, Floats([2, 3], 1)) { Attributes = [("alpha", 1.5f), ("beta", 0.7f)] }.AgreesWithOrt();

    [TestMethod]
    public void DynamicSlice_Bounds_AgreesWithOrt() =>
        new OperatorCheck("DynamicSlice", 7, Floats([4, 5], 1), Vector(1), Vector(3), Vector(1)).AgreesWithOrt();

    [TestMethod]
    public void SenselessOperands_AreRefused()
    {
        new OperatorCheck("ImageScaler", 7, Floats([1, 3, 2, 2], 1)) { Attributes = [("bias", new float[] { 1 })] }.IsRefused(
            "has 1 biases for 3 channels");
        new OperatorCheck("Crop", 7, Floats([1, 3, 2, 2], 1)) { Attributes = [("border", new long[] { 1, 1, 1, 1 })] }.IsRefused(
            "crops [1, 3, 2, 2] to 0×0 from row 1, column 1");
        new OperatorCheck("Crop", 7, Floats([1, 3, 2, 2], 1)) { Attributes = [("border", new long[] { 1 })] }.IsRefused(
            "has border [1], expected left, top, right and bottom");
    }
}
