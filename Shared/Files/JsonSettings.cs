using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Files;

/// <summary>Settings for results as JSON: camelCase, enums by name, NaN and infinities as strings.</summary>
internal static class JsonSettings
{
    /// <summary>Makes settings with names that stay readable: for a file that is no HTML.</summary>
    /// <param name="settings">Settings to start from.</param>
    public static JsonSerializerOptions Readable(JsonSerializerOptions settings) => new(settings)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonSerializerOptions Indented { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}

/// <summary>Writes an enum as its name in lower case (rgb, letterbox), and reads it without regard to case.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
