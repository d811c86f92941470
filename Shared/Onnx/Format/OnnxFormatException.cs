namespace CnnOnnx.Onnx;

/// <summary>Bytes that are not a protobuf message. Readers of files catch it and add the file's name.</summary>
internal sealed class OnnxFormatException(string problem) : Exception(problem);
