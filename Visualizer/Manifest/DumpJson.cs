using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>JSON of dumps, made at compile time so that the program starts fast. NaN is written as "NaN".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true,
    Converters = [typeof(CompactArray<float>), typeof(CompactArray<double>), typeof(CompactArray<long>), typeof(CompactArray<int>)])]
[JsonSerializable(typeof(DumpManifest))]
[JsonSerializable(typeof(DumpSummary))]
[JsonSerializable(typeof(VideoSummary))]
[JsonSerializable(typeof(FinishedDump))]
[JsonSerializable(typeof(SurveyRecord))]
internal sealed partial class DumpJson : JsonSerializerContext
{
    /// <summary>Names stay readable in a file that is no HTML.</summary>
    public static DumpJson Readable => field ??= new DumpJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
