using System.Text.Json;
using CnnOnnx.Rendering;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>One line about how a model was trained, by its card, without the history; inspect --json has all of it.</summary>
internal static class TrainingLine
{
    private const int Longest = 500;

    public static string Of(string json)
    {
        string line = Facts(json) ?? string.Join(' ', json.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }

    private static string? Facts(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? string.Join("; ", document.RootElement.EnumerateObject().Select(Group).OfType<string>())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Group(JsonProperty property) => property.Value.ValueKind != JsonValueKind.Object ? Fact(property)
        : property.Value.EnumerateObject().Select(Fact).OfType<string>().ToArray() is { Length: > 0 } facts
            ? $"{property.Name}: {string.Join(", ", facts)}"
        : null;

    // Lists are histories.
    private static string? Fact(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Array or JsonValueKind.Object => null,
        JsonValueKind.Number when !property.Value.TryGetInt64(out _) => $"{property.Name} {Numbers.Short(property.Value.GetDouble())}",
        _ => $"{property.Name} {property.Value}",
    };
}
