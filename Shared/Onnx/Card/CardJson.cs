using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Imaging;

namespace CnnOnnx.Onnx;

/// <summary>
/// Reads what a model card holds, value by value: a serializer would make the code for these few types at run time, which takes
/// a program longer than everything else about the model.
/// </summary>
internal static class CardReader
{
    /// <exception cref="JsonException">No JSON, or of another kind.</exception>
    public static InputSpec? Input(string text) => Read(text, card => new InputSpec(
        HeightWidthConverter.Of(Array(card, "size", number => number.GetInt32()) ?? []),
        Enumeration(card, "channels", ChannelOrder.Rgb),
        Enumeration(card, "resize", ResizeMode.Stretch),
        card.TryGetProperty("range", out JsonElement range) ? range.GetDouble() : 1,
        [.. Array(card, "mean", number => number.GetDouble()) ?? []],
        [.. Array(card, "std", number => number.GetDouble()) ?? []],
        card.TryGetProperty("cropMargin", out JsonElement margin) ? margin.GetDouble() : 0));

    /// <inheritdoc cref="Input"/>
    public static string[]? Labels(string text) => Read(text, card => Elements(card, label => label.GetString()!));

    /// <inheritdoc cref="Input"/>
    public static IReadOnlyList<KeyValuePair<string, string>>? Stages(string text) =>
        Read(text, card => card.EnumerateObject().Select(stage => KeyValuePair.Create(stage.Name, stage.Value.GetString()!)).ToList());

    /// <inheritdoc cref="Input"/>
    public static DetectionCard? Detection(string text) => Read(text, card => new DetectionCard
    {
        Layout = card.GetProperty("layout").GetString() ?? "",
        Classes = card.GetProperty("classes").GetInt32(),
        ClassOffset = card.TryGetProperty("class_offset", out JsonElement offset) ? offset.GetInt32() : 0,
        Heads = [.. Array(card, "heads", Head) ?? []],
    }.Checked());

    private static DetectionHead Head(JsonElement head) => new()
    {
        Tensor = head.GetProperty("tensor").GetString() ?? "",
        Stride = head.GetProperty("stride").GetInt32(),
        Anchors = [.. Array(head, "anchors", anchor => Elements(anchor, number => number.GetDouble())) ?? []],
        ScaleXY = head.TryGetProperty("scale_x_y", out JsonElement scale) ? scale.GetDouble() : 1,
        NewCoords = head.TryGetProperty("new_coords", out JsonElement isNew) && isNew.GetBoolean(),
    };

    private static T? Read<T>(string text, Func<JsonElement, T> read) where T : class
    {
        using JsonDocument card = JsonDocument.Parse(text);
        try
        {
            return card.RootElement.ValueKind == JsonValueKind.Null ? null : read(card.RootElement);
        }
        // What an element says when it is of another kind, or its number does not fit.
        catch (Exception fault) when (fault is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new JsonException(fault.Message, fault);
        }
    }

    private static T[]? Array<T>(JsonElement card, string name, Func<JsonElement, T> read) =>
        card.TryGetProperty(name, out JsonElement array) && array.ValueKind != JsonValueKind.Null ? Elements(array, read) : null;

    private static T[] Elements<T>(JsonElement array, Func<JsonElement, T> read) => [.. array.EnumerateArray().Select(read)];

    private static T Enumeration<T>(JsonElement card, string name, T standard) where T : struct, Enum
    {
        if (!card.TryGetProperty(name, out JsonElement element))
            return standard;
        string? text = element.GetString();
        string? known = Enum.GetNames<T>().FirstOrDefault(value => value.Equals(text, StringComparison.OrdinalIgnoreCase));
        return known is not null ? Enum.Parse<T>(known)
            : throw new JsonException(
                $"{name} is {element.GetRawText()}, expected one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
    }
}

/// <summary>JSON of the model card, made at compile time so that a program starts fast.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InputSpec))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(DetectionCard))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CardJson : JsonSerializerContext;
