using System.Globalization;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Operators;
using CnnOnnx.Trainer.Parity;
using TorchSharp;

namespace CnnOnnx.Tests.Parity;

[TestClass]
public sealed class ParityCheckTests
{
    private const string Document = "docs/models.md";

    [TestMethod]
    public void Compare_CommittedModel_AgreesInEveryTensor()
    {
        ParityReport report = Compare(Path.Combine(Repository.Root, "models", "lenet.onnx"), 1);
        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.HasCount(12, report.Tensors);
    }

    [TestMethod]
    public void Compare_ModuleWithAnotherWeight_NamesTheNodeThatIntroducesIt()
    {
        using var folder = new TemporaryFolder();
        ModelProto proto = SmallModels.ConvRelu();
        OnnxModel model = OnnxModel.Read(proto.Write(folder.File("m.onnx")));
        using var module = new OnnxModule(model);
        using (torch.no_grad())
            module.get_parameter("w")!.add_(1);
        using var check = new ParityCheck(model, module);
        using Activations theirs = check.Session.Run(ParityInputs.Noise(model.Graph, 0, 1));

        ParityReport report = check.Compare(theirs);

        Assert.IsFalse(report.Holds);
        Assert.AreEqual("c", report.First!.Tensor);
    }

    [TestMethod]
    public void Compare_EveryRealModel_AgreesInEveryTensor()
    {
        string folder = SharedData.Require("onnx-models");
        var lines = new List<string>
        {
            "# Models",
            "",
            "TorchSharp against ONNX Runtime, every tensor of every model, on noise of the range that the model takes. Allowed is 1e-4 of",
            "max(1, largest magnitude) for float32. Where a model quantises inside, a value on the edge of two steps may fall either way;",
            "then each node that follows agrees on ONNX Runtime's own operands.",
            "",
            "| model | nodes | tensors | largest difference of those that agree directly | differ by a rounding before them |",
            "|---|---:|---:|---:|---:|",
        };
        foreach (string path in Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (path.Contains("negative", StringComparison.Ordinal))
                continue;
            ParityReport report = Compare(path, path.Contains("candy", StringComparison.Ordinal) ? 255 : 1);
            Assert.IsTrue(report.Holds, $"{Path.GetFileName(path)}: {report.First}");
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {Path.GetFileNameWithoutExtension(path)} | {OnnxModel.Read(path).Graph.Nodes.Length} | {report.Tensors.Count} | {report.LargestDifference:0.#e+0} | {report.Inherited} |"));
        }

        GeneratedFile.WrittenAnew(Document, string.Concat(lines.Select(line => line + "\n")));
        // The differences depend on the processor; which models there are and how many tensors does not.
        Assert.HasCount(lines.Count, File.ReadAllLines(Path.Combine(Repository.Root, Document)), "docs/models.md is not current; CNNONNX_UPDATE=1 writes it anew.");
    }

    private static ParityReport Compare(string path, double scale)
    {
        OnnxModel model = OnnxModel.Read(path);
        using var check = new ParityCheck(model);
        using Activations theirs = check.Session.Run(ParityInputs.Noise(model.Graph, 0, scale));
        return check.Compare(theirs);
    }
}
