using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

/// <summary>Small models that old PyTorch exported (opsets 6 and 9), with inputs and outputs: OpenCV's tests of its own layers.</summary>
[TestClass]
public sealed class OpenCvLayerTests
{
    // PyTorch counted the padding and could not say so before version 7; ONNX, and ONNX Runtime, do not count it.
    private const string CountsPadding = "average_pooling";

    [TestMethod]
    public void Run_EveryModelWithSupportedOperators_GivesThePyTorchOutput()
    {
        string folder = SharedData.Require("opencv-onnx-layers");
        string[] models = [.. Directory.EnumerateFiles(Path.Combine(folder, "models")).Order()];
        var failures = new List<string>();
        foreach (string path in models)
        {
            string name = Path.GetFileNameWithoutExtension(path);
            OnnxModel model = OnnxModel.Read(path);
            bool isSupported = model.Graph.Nodes.All(node => OperatorTable.Find(node) is not null);
            if (isSupported && name != CountsPadding && Compare(model, folder, name) is { } difference)
                failures.Add($"{name}: {difference}");
        }

        Assert.HasCount(22, models);
        Assert.AreEqual("", string.Join('\n', failures));
    }

    private static string? Compare(OnnxModel model, string folder, string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(model);
        module.eval();
        TensorData Read(string file) => ReadNpy(Path.Combine(folder, "data", file + ".npy"));
        string FileOf(int input) => model.Graph.Inputs.Length == 1 ? $"input_{name}" : $"input_{name}_{input}";
        Tensor output = module.Run(
            [.. model.Graph.Inputs.Select((input, i) => (input.Name, TorchTensors.From(Read(FileOf(i)), CPU)))],
                [model.Graph.Outputs[0].Name])[0];
        return OperatorCheck.Difference(TorchTensors.ToData(output), Read($"output_{name}"), 1e-4, 1e-5);
    }

    // NumPy's format 1.0: magic and version, length of the header at 8, a Python dictionary, the elements.
    private static TensorData ReadNpy(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int start = 10 + BitConverter.ToUInt16(file, 8);
        string header = Encoding.ASCII.GetString(file, 10, start - 10);
        Assert.Contains("'<f4', 'fortran_order': False", header);
        long[] shape = [.. Regex.Matches(Regex.Match(header, @"'shape': \(([^)]*)\)").Groups[1].Value, @"\d+")
            .Select(m => long.Parse(m.Value, CultureInfo.InvariantCulture))];
        return new TensorData(ElementType.Float, new TensorShape(shape), file.AsMemory(start));
    }
}
