using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Records with metrics as JSON: the metrics stand among the other properties under names of their own, such as trainLoss, so
/// that a file reads the same whatever the task is.
/// </summary>
internal abstract class FlatConverter<T> : JsonConverter<T>
{
    protected abstract IEnumerable<(string Name, object? Value)> Flatten(T value);

    protected abstract T Unflatten(Dictionary<string, JsonElement> properties, JsonSerializerOptions options);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((string name, object? item) in Flatten(value))
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, item, options);
        }

        writer.WriteEndObject();
    }

    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Unflatten(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(ref reader, options)!, options);

    /// <summary>Metrics as properties whose names begin with a prefix: loss as trainLoss.</summary>
    protected static IEnumerable<(string Name, object? Value)> Prefixed(string prefix, Metrics metrics) =>
        metrics.Select(m => (prefix.Length == 0 ? m.Key : prefix + char.ToUpperInvariant(m.Key[0]) + m.Key[1..], (object?)m.Value));

    /// <summary>The way back: the properties that begin with a prefix, but for some.</summary>
    protected static Metrics Unprefixed(string prefix, Dictionary<string, JsonElement> properties, JsonSerializerOptions options,
        params string[] others) =>
        new([.. properties.Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal) && !others.Contains(p.Key))
            .Select(p => (NameOf(p.Key[prefix.Length..]), p.Value.Deserialize<double>(options)))]);

    private static string NameOf(string text) => text.Length == 0 ? "" : char.ToLowerInvariant(text[0]) + text[1..];

    /// <exception cref="JsonException">There is no such property.</exception>
    protected static TValue? Value<TValue>(Dictionary<string, JsonElement> properties, string name, JsonSerializerOptions options) =>
        properties.TryGetValue(name, out JsonElement value)
            ? value.Deserialize<TValue>(options)
            : throw new JsonException($"'{name}' is missing");
}

/// <summary>epoch, learningRate, trainLoss …, validationLoss …</summary>
internal sealed class EpochResultConverter : FlatConverter<EpochResult>
{
    protected override IEnumerable<(string Name, object? Value)> Flatten(EpochResult value) =>
    [
        ("epoch", value.Epoch), ("learningRate", value.LearningRate),
        .. Prefixed("train", value.Train), .. Prefixed("validation", value.Validation),
    ];

    protected override EpochResult Unflatten(Dictionary<string, JsonElement> properties, JsonSerializerOptions options) =>
        new(Value<int>(properties, "epoch", options), Value<double>(properties, "learningRate", options),
            Unprefixed("train", properties, options), Unprefixed("validation", properties, options));
}

/// <summary>epoch, loss …</summary>
internal sealed class EpochScoreConverter : FlatConverter<EpochScore>
{
    protected override IEnumerable<(string Name, object? Value)> Flatten(EpochScore value) =>
        [("epoch", value.Epoch), .. Prefixed("", value.Metrics)];

    protected override EpochScore Unflatten(Dictionary<string, JsonElement> properties, JsonSerializerOptions options) =>
        new(Value<int>(properties, "epoch", options), Unprefixed("", properties, options, "epoch"));
}

/// <summary>epoch, batch, the running sums, steps, history, best.</summary>
internal sealed class TrainingPositionConverter : FlatConverter<TrainingPosition>
{
    protected override IEnumerable<(string Name, object? Value)> Flatten(TrainingPosition value) =>
    [
        ("epoch", value.Epoch), ("batch", value.Batch), .. Prefixed("", value.Sums),
        ("steps", value.Steps), .. value.LeftOut == 0 ? [] : new (string, object?)[] { ("leftOut", value.LeftOut) },
        ("history", value.History), ("best", value.Best),
    ];

    protected override TrainingPosition Unflatten(Dictionary<string, JsonElement> properties, JsonSerializerOptions options) => new()
    {
        Epoch = Value<int>(properties, "epoch", options),
        Batch = Value<int>(properties, "batch", options),
        Sums = Unprefixed("", properties, options, "epoch", "batch", "steps", "leftOut", "history", "best"),
        LeftOut = properties.ContainsKey("leftOut") ? Value<int>(properties, "leftOut", options) : 0,
        Steps = Value<long>(properties, "steps", options),
        History = Value<EpochResult[]>(properties, "history", options)!,
        Best = Value<EpochResult>(properties, "best", options),
    };
}
