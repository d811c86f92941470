using System.Text.Json.Serialization;
using CnnOnnx.Imaging;

namespace CnnOnnx.Onnx;

/// <summary>JSON of the model card, made at compile time so that a program starts fast.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InputSpec))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CardJson : JsonSerializerContext;
