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
}

/// <summary>
/// Ways out of a refusal: a library's message says them in words, and a program adds the name of its option that takes them.
/// </summary>
internal enum Remedy
{
    /// <summary>None but another file.</summary>
    None,

    /// <summary>Ask for tensors in front of the node at fault.</summary>
    SelectTensors,

    /// <summary>Give the size that the input is made with.</summary>
    GiveInputSize,

    /// <summary>Name one of several sets of weights in a file.</summary>
    NameEntry,

    /// <summary>Look into the folders of a folder, too.</summary>
    SearchFolders,

    /// <summary>Train with a smaller learning rate.</summary>
    LowerLearningRate,

    /// <summary>Train with other batches.</summary>
    ChangeBatch,

    /// <summary>Keep other parameters as they are.</summary>
    FreezeOthers,

    /// <summary>Give other parameters a learning rate of their own.</summary>
    RateOthers,

    /// <summary>Hold out another share of the pictures for validation.</summary>
    HoldOutOthers,

    /// <summary>Let the classifier be replaced.</summary>
    ReplaceClassifier,

    /// <summary>Give pictures of another size, or say where a new classifier starts.</summary>
    ChangePictureSize,

    /// <summary>Run fewer pictures at once, or their tensors in parts.</summary>
    TakeLessMemory,
}
