namespace CnnOnnx;

/// <summary>A model that cannot be read, is not valid ONNX, or asks for what is not supported. Says where.</summary>
public sealed class OnnxException : BadInputException
{
    /// <summary>Makes the message "source: problem".</summary>
    /// <param name="source">The model's file, or the name of the graph that was built in memory.</param>
    /// <param name="problem">One line: the thing at fault, the expectation, the way out.</param>
    /// <param name="inner">The fault that led to this one.</param>
    public OnnxException(string source, string problem, Exception? inner = null)
        : base($"{source}: {problem}", inner) => ModelSource = source;

    /// <summary>The file, or the name of the graph that was built in memory.</summary>
    public string ModelSource { get; }

    /// <summary>Name of the node at fault, when it is one node's fault.</summary>
    public string? Node { get; internal init; }

    /// <summary>Type of the node at fault, such as Conv, when it is one node's fault.</summary>
    public string? Operator { get; internal init; }

    /// <summary>The way out that a program can offer by an option of its own.</summary>
    internal Remedy Remedy { get; init; }
}

/// <summary>Ways out of a refusal. A program adds the name of the option to the message.</summary>
internal enum Remedy
{
    /// <summary>None but another file.</summary>
    None,

    /// <summary>Ask for tensors in front of the node at fault.</summary>
    SelectTensors,

    /// <summary>Give the size that the input is made with.</summary>
    GiveInputSize,
}
