using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Turns what ONNX Runtime reports into one line that names the file.</summary>
internal static partial class RuntimeFault
{
    private const int MaxLength = 400;

    public static OnnxException Loading(string source, OnnxRuntimeException fault) => new(source, IsUnnamedType(fault)
        ? "an input or output of it is of an element type that ONNX Runtime's .NET interface cannot hand over"
        : $"ONNX Runtime cannot load it: {Words(fault.Message)}", fault);

    public static OnnxException Running(string source, OnnxRuntimeException fault) =>
        new(source, $"ONNX Runtime cannot run it: {Words(fault.Message)}", fault);

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
    [GeneratedRegex(@"\[ErrorCode:\w+\]|\S+\.(cc|cpp|h|cu):\d+ +((onnxruntime::[\w:<>]+ +)?[\w:<>~]+\([^)]*\)( const)?|onnxruntime::\S+|\w+)|"
        + @"\(onnxruntime::[^)]*\)|\[with T = [^\]]*\]|Status Message:|Non-zero status code returned while ")]
    private static partial Regex Noise();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
