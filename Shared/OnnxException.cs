namespace CnnOnnx;

/// <summary>A model that cannot be read, is not valid ONNX, or asks for what is not supported. Says where.</summary>
public sealed class OnnxException : BadInputException
{
    public OnnxException(string source, string problem, Exception? inner = null)
        : base($"{source}: {problem}", inner) => ModelSource = source;

    /// <summary>The file, or the name of the graph that was built in memory.</summary>
    public string ModelSource { get; }

    /// <summary>Name of the node at fault, when it is one node's fault.</summary>
    public string? Node { get; internal init; }

    /// <summary>Type of the node at fault, such as Conv, when it is one node's fault.</summary>
    public string? Operator { get; internal init; }
}
