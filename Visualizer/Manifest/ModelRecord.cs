using System.Security.Cryptography;
using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>Which model it was.</summary>
internal sealed record ModelRecord(string File, string Sha256, string Producer, long Opset)
{
    public static ModelRecord Of(OnnxModel model, string sha256) => new(model.Source, sha256, model.Producer, model.Opsets.GetValueOrDefault(""));

    /// <summary>SHA-256 of a file, in hexadecimal.</summary>
    public static string HashOf(string path)
    {
        using FileStream file = System.IO.File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
