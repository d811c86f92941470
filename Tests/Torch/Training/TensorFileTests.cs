using CnnOnnx.Formats;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class TensorFileTests
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("t.ckpt");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void ReadInto_WhatWasWritten_IsTheSameToTheBit()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] written =
            [randn(3, 4), tensor(float.NaN), arange(7, ScalarType.Int64), randn(2, 3).t(), zeros(0, 5), tensor(new byte[] { 1, 2, 255 })];
        TensorFile.Write(Path, Named(written), "key", "text \"ü\"");

        Tensor[] read = [.. written.Select(t => zeros_like(t))];
        using SafeTensorsFile file = SafeTensorsFile.Open(Path);
        TensorFile.ReadInto(file, Path, Named(read));

        Assert.AreEqual("text \"ü\"", file.Texts["key"]);
        for (int i = 0; i < written.Length; i++)
            Assert.IsTrue(read[i].equal(written[i]).logical_or(written[i].isnan()).all().ToBoolean(), $"t{i}");
    }

    [TestMethod]
    public void ReadInto_OtherShapeOrNoSuchTensor_SaysWhatWasFound()
    {
        using DisposeScope scope = NewDisposeScope();
        TensorFile.Write(Path, [("w", zeros(2, 3))], "key", "");
        Expect($"{Path}: 'w' is F32 [2, 3], expected F32 [3, 2]", ("w", zeros(3, 2)));
        Expect($"{Path}: 'w' is F32 [2, 3], expected I64 [2, 3]", ("w", zeros([2, 3], ScalarType.Int64)));
        Expect($"{Path}: 'v' is nothing, expected F32 [2]", ("v", zeros(2)));
    }

    private void Expect(string message, (string, Tensor) tensor)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(Path);
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => TensorFile.ReadInto(file, Path, [tensor])).Message);
    }

    private static (string, Tensor)[] Named(Tensor[] tensors) => [.. tensors.Select((t, i) => ($"t{i}", t))];
}
