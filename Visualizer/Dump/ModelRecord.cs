using System.Security.Cryptography;
using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Which model it was.</summary>
internal sealed record ModelRecord(string File, string Sha256, string Producer, long Opset)
{
    public static ModelRecord Of(OnnxModel model)
    {
        using FileStream file = System.IO.File.OpenRead(model.Source);
        return new ModelRecord(model.Source, Convert.ToHexStringLower(SHA256.HashData(file)), model.Producer, model.Opsets.GetValueOrDefault(""));
    }
}
