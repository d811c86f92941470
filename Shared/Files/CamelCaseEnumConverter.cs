using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Files;

/// <summary>Writes an enum as its name in lower case (rgb, letterbox), and reads it without regard to case.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
