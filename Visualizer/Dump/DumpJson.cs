using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>JSON of dumps, made at compile time so that the program starts fast. NaN is written as "NaN".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(DumpManifest))]
[JsonSerializable(typeof(DumpSummary))]
[JsonSerializable(typeof(FinishedDump))]
internal sealed partial class DumpJson : JsonSerializerContext
{
    /// <summary>Names stay readable in a file that is no HTML.</summary>
    public static DumpJson Readable => field ??= new DumpJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
