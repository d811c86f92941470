using System.Globalization;
using System.Text.RegularExpressions;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Turns what ONNX Runtime reports into one line that names the file.</summary>
internal static partial class RuntimeFault
{
    private const int MaxLength = 400;

    /// <summary>Makes the fault of a session that could not be opened: what is in the way, and what helps.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fault">The runtime's own fault.</param>
    public static OnnxException Loading(OnnxModel model, OnnxRuntimeException fault)
    {
        string source = model.Source;
        if (IsUnnamedType(fault))
            return new OnnxException(source,
                $"{UnnamedOf(model.Graph)} that ONNX Runtime's .NET interface cannot hand over; put a Cast between it and the network",
                fault);
        return TooNew(source, fault) ?? Foreign(source, fault)
            ?? new OnnxException(source, $"ONNX Runtime cannot load it: {Words(fault.Message)}", fault);
    }

    // Types that came after bfloat16 have a number in ONNX and no name in that interface.
    private static string UnnamedOf(OnnxGraph graph) =>
        graph.Inputs.FirstOrDefault(i => i.ElementType > ElementType.BFloat16) is { } input ? Unnamed("input", input)
        : graph.Outputs.FirstOrDefault(o => o.ElementType > ElementType.BFloat16) is { } output ? Unnamed("output", output)
        : "an input or output of it is of an element type";

    private static string Unnamed(string what, OnnxValue value) => $"{what} '{value.Name}' is {value.ElementType.DisplayName()}, a type";

    /// <summary>Makes the fault of a run.</summary>
    /// <param name="source">The model's file.</param>
    /// <param name="fault">The runtime's own fault.</param>
    /// <param name="takenSize">Which size was taken for an input that declares none, in words; null when there is none.</param>
    public static OnnxException Running(string source, OnnxRuntimeException fault, string? takenSize = null) =>
        ProviderFault.IsOutOfMemory(fault.Message) ? OutOfMemory(source, fault)
        : ProviderFault.Cudnn(fault.Message, GpuLibrary.CanLoad) is { } cudnn ? new(source, $"CUDA cannot run it: {cudnn}", fault)
        : takenSize is null
        ? new(source, $"ONNX Runtime cannot run it: {Words(fault.Message)}", fault)
        : new(source,
            $"{takenSize}, with which ONNX Runtime cannot run it: {Words(fault.Message)}; give the size that the network is made for",
            fault)
        {
            Remedy = Remedy.GiveInputSize,
        };

    private static OnnxException OutOfMemory(string source, OnnxRuntimeException fault)
    {
        string wanted = RequestedBytes().Match(fault.Message) is { Success: true } more
            ? string.Create(CultureInfo.InvariantCulture, $" ({Mebibytes(more.Groups["bytes"].ValueSpan):0.0} MiB more)") : "";
        return new(source, $"its tensors do not fit into the free memory of the device{wanted}; run fewer pictures at once, or in parts",
            fault)
        {
            Remedy = Remedy.TakeLessMemory,
        };
    }

    private static double Mebibytes(ReadOnlySpan<char> bytes) => double.Parse(bytes, CultureInfo.InvariantCulture) / (1 << 20);

    private static OnnxException? TooNew(string source, OnnxRuntimeException fault)
    {
        if (NewOpset().Match(fault.Message) is { Success: true } opset)
            return new OnnxException(source,
                $"is written for opset {opset.Groups["own"].Value} of {opset.Groups["domain"].Value}, expected at most "
                + $"{opset.Groups["last"].Value}, the last that {Version} supports; export it for that one", fault);
        if (NewFormat().Match(fault.Message) is { Success: true } format)
            return new OnnxException(source,
                $"is of IR version {format.Groups["own"].Value}, expected at most {format.Groups["last"].Value}, "
                + $"the last that {Version} reads; export it with an older onnx package", fault);
        return null;
    }

    private static OnnxException? Foreign(string source, OnnxRuntimeException fault)
    {
        Match match = UnregisteredOperator().Match(fault.Message);
        if (!match.Success)
            match = UnknownOperator().Match(fault.Message);
        if (!match.Success)
            return null;
        (string domain, string op, string node) = (match.Groups["domain"].Value, match.Groups["op"].Value, match.Groups["node"].Value);
        string name = domain.Length > 0 ? $"{domain}.{op}" : op;
        return new OnnxException(source,
            $"{(node.Length > 0 ? $"node '{node}' needs" : "needs")} operator {name}, which {Version} does not have"
            + $"{(domain.Length > 0 ? "" : " in the model's opset")}; select tensors in front of it", fault)
        {
            Operator = op,
            Node = node.Length > 0 ? node : null,
            Remedy = Remedy.SelectTensors,
        };
    }

    private static string Version => $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    /// <summary>True when the session failed over an element type that the runtime's .NET side has no name for (float8, int4 …).</summary>
    public static bool IsUnnamedType(OnnxRuntimeException fault) =>
        fault.Message.Contains("Unregistered TensorElementType", StringComparison.Ordinal);

    /// <summary>True when a run failed because an output of a Loop's body has not the same shape in every round.</summary>
    public static bool IsChangingRound(OnnxRuntimeException fault) =>
        fault.Message.Contains("Inconsistent shape in loop output", StringComparison.Ordinal);

    /// <summary>The message without error codes, source paths, function signatures and line breaks.</summary>
    public static string Words(string message)
    {
        string line = Space().Replace(Noise().Replace(message, " "), " ").Trim();
        return line.Length > MaxLength ? line[..MaxLength] + " …" : line;
    }

    // "[ErrorCode:Fail]", "/onnxruntime_src/x.cc:123 onnxruntime::common::Status onnxruntime::F(args) [with T = float] ",
    // "x.h:45 Compute ", "Status Message:"
    // "… void onnxruntime::model_load_utils::F(const std::string&) "
    [GeneratedRegex(@"\[ErrorCode:\w+\]|\S+\.(cc|cpp|h|cu):\d+ +(\w+ +onnxruntime::[\w:<>~]+\([^)]*\)( const)?|"
        + @"(onnxruntime::[\w:<>]+ +)?[\w:<>~]+\([^)]*\)( const)?|onnxruntime::\S+|\w+)|"
        + @"\(onnxruntime::[^)]*\)|\[with T = [^\]]*\]|Status Message:|Non-zero status code returned while ")]
    private static partial Regex Noise();

    [GeneratedRegex(@"Opset (?<own>\d+) is under development.*"
        + @"Current official support for domain (?<domain>\S+) is till opset (?<last>\d+)",
        RegexOptions.Singleline)]
    private static partial Regex NewOpset();

    [GeneratedRegex(@"Unsupported model IR version: (?<own>\d+), max supported IR version: (?<last>\d+)")]
    private static partial Regex NewFormat();

    // "my.ops:MyOp(-1) is not a registered function/op"
    [GeneratedRegex(@"(?<domain>[\w.]*):(?<op>\w+)\(-?\d+\) is not a registered")]
    private static partial Regex UnregisteredOperator();

    // In Node, ("name", MyOp, "my.ops", -1) : … Error No opset import for domain 'my.ops'
    [GeneratedRegex(@"In Node, \(""(?<node>[^""]*)"", (?<op>\w+), ""(?<domain>[^""]*)"", .*"
        + @"(No opset import for domain|No Op registered for)",
        RegexOptions.Singleline)]
    private static partial Regex UnknownOperator();

    [GeneratedRegex(@"requested (buffer of size|bytes of) (?<bytes>\d+)")]
    private static partial Regex RequestedBytes();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
