using CnnOnnx.Onnx;

namespace CnnOnnx;

/// <summary>A model that cannot be read, is not valid ONNX, or asks for what is not supported. Says where.</summary>
public sealed class OnnxException : BadInputException
{
    public OnnxException(string source, string problem, Exception? inner = null)
        : base($"{source}: {problem}", inner) => ModelSource = source;

    public OnnxException(OnnxNode node, string problem, Exception? inner = null)
        : base($"{node.ModelSource}: {node}: {problem}", inner)
    {
        ModelSource = node.ModelSource;
        Node = node;
    }

    /// <summary>The file, or the name of the graph that was built in memory.</summary>
    public string ModelSource { get; }

    /// <summary>The node at fault, when it is one node's fault.</summary>
    public OnnxNode? Node { get; }
}
