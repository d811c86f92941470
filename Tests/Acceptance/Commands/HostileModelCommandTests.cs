using CnnOnnx.Cli;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Visualizer.Commands;

namespace CnnOnnx.Tests.Commands;

/// <summary>Models that lie, at the command line: one line and exit code 2 from each command that reads them.</summary>
[TestClass]
public sealed class HostileModelCommandTests
{
    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Broken => BrokenModels.Names.Select(name => new object[] { name });

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Broken))]
    public void Commands_BrokenModel_SayItInOneLine(string fault) => Refuse(BrokenModels.Make(fault), "parity", "train", "inspect");

    // What only a run finds out: inspect lists such a model.
    [TestMethod]
    [DataRow("group", "attribute 'group' is Float, expected Int")]
    [DataRow("input", "")]
    public void Commands_ModelThatCannotRun_SayItInOneLine(string fault, string expected)
    {
        ModelProto model = SmallModels.ConvRelu();
        if (fault == "group")
            model.Graph.Node[0].Attribute.Add(new AttributeProto
            {
                Name = "group",
                Type = AttributeProto.Types.AttributeType.Float,
                F = 1
            });
        else
            model.Graph.Input[0].Type.TensorType.ElemType = (int)CnnOnnx.Tensors.ElementType.Int64;
        Refuse(model, "parity", "train");
        Assert.Contains(expected, Run("train", Write(model)).Error);
    }

    [TestMethod]
    [DataRow("../secret.bin")]
    [DataRow("/etc/hostname")]
    [DataRow("link.bin")]
    [DataRow("missing.bin")]
    public void Commands_WeightsOutsideTheFolder_SayItInOneLine(string location)
    {
        File.WriteAllBytes(_folder.File("secret.bin"), new byte[36]);
        Directory.CreateDirectory(_folder.File("inside"));
        File.CreateSymbolicLink(_folder.File("inside", "link.bin"), _folder.File("secret.bin"));
        Refuse(BrokenModels.WithExternal(location, 0, 36), "parity", "train");
    }

    [TestMethod]
    public void Commands_GraphsTenThousandDeep_SayItInOneLine()
    {
        Directory.CreateDirectory(_folder.File("inside"));
        File.WriteAllBytes(_folder.File("inside", "m.onnx"), SmallModels.Nested(10_000));
        foreach (string command in new[] { "parity", "train", "inspect" })
            AssertOneLine(command, Run(command, _folder.File("inside", "m.onnx")));
    }

    [TestMethod]
    [DataRow("corrupt-model.onnx", "parity train inspect")]
    [DataRow("super_resolution_no_opset.onnx", "parity train inspect")]
    [DataRow("wechat_qrcode_detect_PriorBox.onnx", "parity train")]
    public void Commands_NegativeModels_SayItInOneLine(string name, string commands)
    {
        string path = SharedData.Require("onnx-models", "negative", name);
        foreach (string command in commands.Split(' '))
            AssertOneLine(command, Run(command, path));
    }

    private void Refuse(ModelProto model, params string[] commands)
    {
        string path = Write(model);
        foreach (string command in commands)
            AssertOneLine(command, Run(command, path));
    }

    private string Write(ModelProto model)
    {
        Directory.CreateDirectory(_folder.File("inside"));
        return model.Write(_folder.File("inside", "m.onnx"));
    }

    private static void AssertOneLine(string command, ProgramRun run)
    {
        Assert.AreEqual(2, run.ExitCode, $"{command}: {run.Output}{run.Error}");
        Assert.AreEqual("", run.Output, command);
        Assert.StartsWith("error: ", run.Error, command);
        Assert.HasCount(1, run.Error.TrimEnd().Split('\n'), command);
    }

    private ProgramRun Run(string command, string path)
    {
        if (command == "train" && !Directory.Exists(_folder.File("data")))
            PictureFolders.Write(_folder.File("data"), ["a", "b"], 4);
        using StringWriter output = new(), error = new();
        string[] rest = command == "train" ? ["--data", _folder.File("data"), "--out", _folder.File("out.onnx"), "--epochs", "1",
            "--threads", "1", "--quiet"] : ["--quiet"];
        int code = CommandHost.Run(command == "inspect" ? VisualizerCommands.Root() : TrainerCommands.Root(), [command, path, .. rest],
            output, error);
        return new ProgramRun(code, output.ToString(), error.ToString());
    }
}
