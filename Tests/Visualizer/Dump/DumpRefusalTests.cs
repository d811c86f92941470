using CnnOnnx.Formats;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Dump;

/// <summary>Bad input to the dump command: one line on stderr that says what is wrong, exit code 2.</summary>
[TestClass]
public sealed class DumpRefusalTests
{
    private readonly TemporaryFolder _folder = new();
    private string _model = "";
    private string _picture = "";

    [TestInitialize]
    public void WriteInputs()
    {
        _model = SmallNetworks.LeNet().SaveTo(_folder);
        _picture = TestPictures.Write(_folder.File("p.png"));
    }

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("--tensors nothing*",
        "M: no tensor is named 'nothing*'; its 12 tensors are conv1, relu_conv1, pool1, conv2, relu_conv2, pool2, flat, fc1, …")]
    [DataRow("--ops Conv,Foo", "M: no node is of type 'Foo'; its operators are Conv, Relu, AveragePool, Flatten, Gemm")]
    [DataRow("--tensor relu_conv1 --channel 6", "--channel is 6, but 'relu_conv1' [1, 6, 28, 28] has channels 0 to 5")]
    [DataRow("--channel 1", "--channel needs --tensor NAME, whose channel it is")]
    [DataRow("--device tpu", "device 'tpu': is not known, expected auto, cpu, cuda, cuda:N, cuda:tf32, tensorrt or directml")]
    [DataRow("--size 32", "M: input 'image' takes [N, 1, 28, 28], the preprocessing makes [1, 1, 32, 32] (32x32 gray, stretch, 0..1)")]
    [DataRow("--size big", "--size is 'big', expected height and width such as 224x224")]
    [DataRow("--mean 1,2", "M: mean has 2 numbers, expected 1 for gray")]
    [DataRow("--preset foo", "'foo' is not a preset; expected one of caffe, imagenet, raw255, tf, unit, yolo")]
    [DataRow("--range 2", "--range is '2', expected 1 or 255")]
    [DataRow("--input foo", "--input is 'foo', expected NAME=FILE.npy")]
    [DataRow("--scale foo",
        "--scale is 'foo', expected one of tile, layer, standard, raw255, symmetric, robust. See 'visualizer dump --help'.")]
    [DataRow("--columns 0", "--columns is '0', expected a whole number from 1 to 1000000. See 'visualizer dump --help'.")]
    [DataRow("--threads 0", "--threads is '0', expected a whole number from 1 to 1024. See 'visualizer dump --help'.")]
    [DataRow("--channels", "--channels has no value, expected rgb|bgr|gray. See 'visualizer dump --help'.")]
    [DataRow("--channels yuv", "--channels is 'yuv', expected one of rgb, bgr, gray. See 'visualizer dump --help'.")]
    public void Dump_WrongOption_IsOneLine(string options, string message)
    {
        var run = ProgramRun.Visualizer(["dump", _model, _picture, "--out", _folder.File("out"), .. options.Split(' ')]);
        Assert.AreEqual((2, $"error: {message.Replace("M:", _model + ":", StringComparison.Ordinal)}"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Dump_UnknownColormap_ListsThemAll()
    {
        var run = ProgramRun.Visualizer("dump", _model, _picture, "--out", _folder.File("out"), "--colormap", "foo");
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error: 'foo' is not a colormap; expected one of autumn, bone,", run.LastError);
    }

    [TestMethod]
    [DataRow(0, "is empty (0 bytes), expected an ONNX model")]
    [DataRow(30, "is not an ONNX model, or its file is damaged (it ends inside field 14, which wants 99 bytes and has 4)")]
    public void Dump_ModelCutOff_IsOneLine(int length, string message)
    {
        File.WriteAllBytes(_model, File.ReadAllBytes(_model)[..length]);
        AssertRefused(_model, _picture, _folder.File("out"), $"error: {_model}: {message}");
    }

    [TestMethod]
    public void Dump_NoModel_IsOneLine() =>
        AssertRefused(_folder.File("no.onnx"), _picture, _folder.File("out"), $"error: {_folder.File("no.onnx")}: does not exist");

    [TestMethod]
    public void Dump_PictureAsModel_IsOneLine() =>
        AssertRefused(_picture, _picture, _folder.File("out"),
            $"error: {_picture}: is a PNG picture; expected an ONNX model; pictures are inputs");

    [TestMethod]
    public void Dump_FileInPlaceOfTheFolder_IsOneLine()
    {
        AssertRefused(_model, _picture, _picture, $"error: {_picture}: is a file, expected a folder for the results");
        string below = Path.Combine(_picture, "below");
        AssertRefused(_model, _picture, below, $"error: {below}: the folder cannot be made: ");
    }

    [TestMethod]
    public void Dump_FolderWithoutPictures_IsOneLine()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        AssertRefused(_model, _folder.File("empty"), _folder.File("out"),
            $"error: {_folder.File("empty")}: holds no pictures or NumPy files");
        AssertRefused(_model, _folder.File("*.bmp"), _folder.File("out"), $"error: {_folder.File("*.bmp")}: matches no file");
    }

    [TestMethod]
    public void Dump_TensorOfAnotherShape_IsOneLine()
    {
        NpyFile.Write(_folder.File("t.npy"), TensorData.FromArray(new float[12], new TensorShape(3, 2, 2)));
        AssertRefused(_model, _folder.File("t.npy"), _folder.File("out"),
            $"error: {_folder.File("t.npy")}: {_model}: input 'image' takes [N, 1, 28, 28], got [3, 2, 2]");
    }

    // Bits of the graph and of the weights, seeded: the program either says what is wrong or runs on changed numbers.
    [TestMethod]
    public void Dump_BitFlippedModels_NeverCrash()
    {
        byte[] whole = File.ReadAllBytes(_model);
        var random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 60; round++)
        {
            byte[] flipped = [.. whole];
            // Half of the flips where the graph's structure is, which stands in front of the weights.
            int at = random.Next(round % 2 == 0 ? 2500 : flipped.Length);
            flipped[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_model, flipped);
            var run = ProgramRun.Visualizer("dump", _model, _picture, "--out", _folder.File("out"), "--no-kernels", "--quiet", "--first",
                "2");
            Assert.IsTrue(run.ExitCode == 0 || (run.ExitCode == 2 && run.Error.TrimEnd().Split('\n').Length == 1
                && !run.Error.Contains("Exception", StringComparison.Ordinal)),
                $"byte {at}: {run.ExitCode} {run.Error}");
            refused += run.ExitCode == 2 ? 1 : 0;
        }

        Assert.IsGreaterThan(5, refused);
    }

    private static void AssertRefused(string model, string input, string folder, string message)
    {
        var run = ProgramRun.Visualizer("dump", model, input, "--out", folder);
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith(message, run.LastError);
    }
}
