using System.IO.Compression;
using System.Text;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Files of other kinds in place of a model: named as what they are, with what to do.</summary>
[TestClass]
public sealed class ForeignFileTests
{
    [TestMethod]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 12345\n", "Git LFS pointer", "git lfs pull")]
    [DataRow("<!DOCTYPE html>\n<html><head>", "web page", "download the file itself")]
    [DataRow("\uFEFF  \n<html lang=\"en\">", "web page", "download the file itself")]
    [DataRow("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML", "expected an ONNX model")]
    [DataRow("{\"error\": \"not found\"}", "JSON", "expected an ONNX model")]
    [DataRow("ir_version: 8\ngraph {", "ONNX model as text", "onnx package")]
    [DataRow("GIF89a......................", "GIF picture", "pictures are inputs")]
    [DataRow("\u001c\0\0\0TFL3\u0014\0 \0\0\0\0\0", "TensorFlow Lite", "tf2onnx")]
    [DataRow("\u001c\0\0\0ORTM\u0014\0 \0\0\0\0\0", ".ort", "the .onnx file that it was made from")]
    [DataRow("BZh91AY&SY", "bzip2", "unpack")]
    public void Read_FileOfAnotherKind_IsNamed(string content, string kind, string wayOut) =>
        AssertNamed(Encoding.Latin1.GetBytes(content.Replace("\uFEFF", "\u00ef\u00bb\u00bf")), kind, wayOut);

    [TestMethod]
    [DataRow("H4sIAAAAAAAA/w==", "gzip", "unpack")]
    [DataRow("iUhERg0KGgoAAAAA", "HDF5", "tf2onnx")]
    [DataRow("gAKKCmz8nEb5IGqoUBkuTQ==", "PyTorch", "torch.onnx.export")]
    [DataRow("gASVEQAAAAAAAAA=", "pickle", "export it")]
    [DataRow("iVBORw0KGgoAAAAN", "PNG", "pictures are inputs")]
    [DataRow("/9j/4AAQSkZJRgABAQAAAQ==", "JPEG", "pictures are inputs")]
    [DataRow("k05VTVBZAQB2AA==", "NumPy array", "arrays are inputs")]
    [DataRow("KAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6e319", "safetensors", "export the network")]
    [DataRow("AAAAAAAAAAAAAAAAAAAAAAAA", "zeros", "download it again")]
    public void Read_BinaryOfAnotherKind_IsNamed(string content, string kind, string wayOut) =>
        AssertNamed(Convert.FromBase64String(content), kind, wayOut);

    [TestMethod]
    [DataRow("archive/data.pkl", "PyTorch file", "torch.onnx.export")]
    [DataRow("model.weights.h5", "Keras", "model.export")]
    [DataRow("x.npy", "NumPy archive", "arrays are inputs")]
    [DataRow("deep/net.onnx", "holds 'deep/net.onnx'", "unpack it")]
    [DataRow("readme.txt", "without an .onnx file", "expected an ONNX model")]
    public void Read_Zip_IsNamedByWhatItHolds(string entry, string kind, string wayOut)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            zip.CreateEntry(entry).Open().Dispose();
        AssertNamed(bytes.ToArray(), kind, wayOut);
    }

    [TestMethod]
    public void Read_CutOffZip_IsNamed() => AssertNamed([(byte)'P', (byte)'K', 3, 4, 0, 0, 0, 0], "damaged zip", "expected an ONNX model");

    [TestMethod]
    public void Read_Empty_SaysWhatHelps() => AssertNamed([], "is empty (0 bytes)", "download it again");

    [TestMethod]
    public void Read_MissingFile_IsFileNotFound()
    {
        var fault = Assert.ThrowsExactly<FileNotFoundException>(() => OnnxModel.Read("nowhere/no.onnx"));
        Assert.AreEqual(("nowhere/no.onnx: does not exist", "nowhere/no.onnx"), (fault.Message, fault.FileName));
    }

    private static void AssertNamed(byte[] content, string kind, string wayOut)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("net.onnx");
        File.WriteAllBytes(path, content);
        var fault = Assert.ThrowsExactly<OnnxException>(() => OnnxModel.Read(path));
        Assert.Contains(kind, fault.Message);
        Assert.Contains(wayOut, fault.Message);
        Assert.StartsWith($"{path}: ", fault.Message);
    }
}
