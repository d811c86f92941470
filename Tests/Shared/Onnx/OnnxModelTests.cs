using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class OnnxModelTests
{
    [TestMethod]
    public void Read_EveryRealModel_HasNodesAndOpset()
    {
        foreach (string path in Directory.EnumerateFiles(SharedData.Require("onnx-models"), "*.onnx", SearchOption.AllDirectories))
        {
            if (path.Contains("negative", StringComparison.Ordinal))
                continue;
            OnnxModel model = OnnxModel.Read(path);
            Assert.IsNotEmpty(model.Graph.Nodes);
            Assert.IsGreaterThan(0, model.Opsets[""]);
        }
    }
}
