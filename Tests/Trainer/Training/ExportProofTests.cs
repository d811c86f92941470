using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class ExportProofTests
{
    [TestMethod]
    public void Of_ExportedFile_HoldsForEveryTensor()
    {
        using var folder = new TemporaryFolder();
        using Classifier classifier = Toys.Build(Toys.Options);
        classifier.Module.Model.Save(folder.File("a.onnx"), classifier.Module.CurrentBytes);
        using Tensor pictures = rand(3, 1, 8, 8);

        ExportProof proof = ExportProof.Of(folder.File("a.onnx"), classifier.Module, "input", pictures);

        Assert.IsTrue(proof.Holds);
        Assert.AreEqual(5, proof.Tensors);
        Assert.IsTrue(proof.LargestDifference is >= 0 and < 1e-5, $"{proof.LargestDifference}");
    }

    [TestMethod]
    public void Of_FileWithAnotherWeight_NamesTheTensorsThatDiffer()
    {
        using var folder = new TemporaryFolder();
        using Classifier classifier = Toys.Build(Toys.Options);
        OnnxModule module = classifier.Module;
        module.Model.Save(folder.File("a.onnx"), module.CurrentBytes);
        using Tensor pictures = rand(3, 1, 8, 8);
        using (no_grad())
            module.get_parameter("fc1.bias")![1].add_(0.01).Dispose();

        ExportProof proof = ExportProof.Of(folder.File("a.onnx"), module, "input", pictures);

        CollectionAssert.AreEqual(new[] { "logits" }, proof.Failed);
        Assert.AreEqual("logits", proof.At);
        Assert.AreEqual(0.01, proof.LargestDifference, 1e-5);
    }

    // A difference that is no number fails too: comparisons with NaN are false.
    [TestMethod]
    public void Of_NotANumber_Fails()
    {
        using var folder = new TemporaryFolder();
        using Classifier classifier = Toys.Build(Toys.Options);
        OnnxModule module = classifier.Module;
        module.Model.Save(folder.File("a.onnx"), module.CurrentBytes);
        using Tensor pictures = rand(3, 1, 8, 8);
        using (no_grad())
            module.get_parameter("fc1.bias")![1].fill_(double.NaN).Dispose();
        Assert.IsFalse(ExportProof.Of(folder.File("a.onnx"), module, "input", pictures).Holds);
    }

    [TestMethod]
    public void Of_ManyTimes_LeavesNoTensors()
    {
        using var folder = new TemporaryFolder();
        using Classifier classifier = Toys.Build(Toys.Options);
        classifier.Module.Model.Save(folder.File("a.onnx"), classifier.Module.CurrentBytes);
        using Tensor pictures = rand(3, 1, 8, 8);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
            _ = ExportProof.Of(folder.File("a.onnx"), classifier.Module, "input", pictures);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }
}
