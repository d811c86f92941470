using CnnOnnx.Imaging;
using CnnOnnx.Onnx;

namespace CnnOnnx.Inference;

/// <summary>Options of a session: which tensors it shows, and how it runs.</summary>
public sealed record ActivationOptions
{
    /// <summary>Names of wanted tensors, with * and ?; added to those of <see cref="Selection"/>.</summary>
    public IReadOnlyList<string> Tensors { get; init; } = [];

    /// <summary>Which tensors are wanted; every tensor but constants when nothing is said.</summary>
    public TensorSelection Selection { get; init; } = new();

    /// <summary>
    /// Changes how a picture becomes the input. It is given what the model card says or, without a card, what is guessed from the
    /// file; for example <c>spec => spec with { Range = 255 }</c>. It has no effects of its own: it is called to see what it leaves as
    /// it is, too.
    /// </summary>
    public Func<InputSpec, InputSpec>? Preprocessing { get; init; }

    /// <summary>
    /// Names of the classes in the order of the outputs, such as <see cref="ClassNames.Read"/> reads; those of the model card or of the
    /// exporter when not given.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Device to run on; CUDA where it works, else the CPU, when nothing is said.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>CPU threads, 1 or more; null for all that the process may use.</summary>
    public int? Threads { get; init; }

    /// <summary>How far ONNX Runtime may rewrite the graph; no wanted tensor is ever rewritten away.</summary>
    public OptimizationLevel Optimization { get; init; } = OptimizationLevel.Extended;

    /// <summary>
    /// Runs all that the model's own outputs need, so that these are there too. When false, no more is run than what the
    /// wanted tensors need, and those of the outputs are there that this makes anyway.
    /// </summary>
    public bool WithOutputs { get; init; }

    /// <summary>What networks of the model's kind are given, where neither card nor options say it; null to guess by the file.</summary>
    internal PreprocessingGuess? Convention { get; init; }

    /// <summary>
    /// Other work shares the processor with the runs: the runtime's threads then sleep when they have nothing to do, and do not
    /// keep a core busy with waiting.
    /// </summary>
    internal bool SharesProcessor { get; init; }

    /// <summary>
    /// <see cref="ActivationSession.CompareWithPlain"/> will be asked: the second session that this takes is opened beside the first.
    /// </summary>
    internal bool PreparesComparison { get; init; }

    internal TensorSelection Wanted => Selection with { Globs = [.. Selection.Globs, .. Tensors] };
}
