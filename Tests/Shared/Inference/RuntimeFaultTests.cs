using CnnOnnx.Inference;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class RuntimeFaultTests
{
    [TestMethod]
    [DataRow("[ErrorCode:InvalidGraph] This is an invalid model.\nIn Node, x", "This is an invalid model. In Node, x")]
    [DataRow(
        "[ErrorCode:RuntimeException] Non-zero status code returned while running Reshape node. Name:'r' Status Message: "
        + "/onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:47 onnxruntime::ReshapeHelper::ReshapeHelper(const "
        + "onnxruntime::TensorShape&, "
        + "onnxruntime::TensorShapeVector&, bool) input_shape_size == size was false.",
        "running Reshape node. Name:'r' input_shape_size == size was false.")]
    [DataRow("running Resize node. Name:'' upsamplebase.h:548 ScalesValidation Scale value should be greater than 0.",
        "running Resize node. Name:'' Scale value should be greater than 0.")]
    public void Words_OfTheRuntime_LoseTheNoise(string message, string words) => Assert.AreEqual(words, RuntimeFault.Words(message));

    [TestMethod]
    public void Words_VeryLong_AreCut() => Assert.AreEqual(402, RuntimeFault.Words(new string('x', 5000)).Length);
}
