using System.Text.Json;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf.Collections;

namespace CnnOnnx.Onnx;

/// <summary>
/// What a model says about itself in its metadata: how its input is made, what its classes are called, which tensors are
/// its stages, how it was trained. Each part may be missing.
/// </summary>
public sealed record ModelCard
{
    private const string InputKey = "cnnonnx.input";
    private const string LabelsKey = "cnnonnx.labels";
    private const string StagesKey = "cnnonnx.stages";
    private const string DetectionKey = "cnnonnx.detection";
    private const string TrainingKey = "cnnonnx.training";

    /// <summary>How a picture becomes the input.</summary>
    public InputSpec? Input { get; init; }

    /// <summary>Class names in the order of the last layer's outputs; those of the exporter where the card has none.</summary>
    public string[]? Labels { get; init; }

    /// <summary>Where <see cref="Labels"/> stand, in words.</summary>
    internal string LabelsSource { get; init; } = "model card";

    /// <summary>Label of a stage → name of the tensor that ends it, from input to output.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Stages { get; init; }

    /// <summary>What a detector's heads mean.</summary>
    public DetectionCard? Detection { get; init; }

    /// <summary>Options, seed, data and metrics of the training, as JSON.</summary>
    public string? Training { get; init; }

    /// <param name="metadata">Metadata of the model, by key.</param>
    /// <param name="source">The model's file, for messages.</param>
    /// <exception cref="OnnxException">A part of it is not what it has to be.</exception>
    internal static ModelCard From(IReadOnlyDictionary<string, string> metadata, string source)
    {
        string[]? labels = Parse(LabelsKey, CardReader.Labels);
        (string Key, string[] Names)? exported = labels is null ? ExporterNames.Of(metadata) : null;
        return new ModelCard
        {
            Input = Parse(InputKey, text => CardReader.Input(text)?.Checked($"{source}: {InputKey}")),
            Labels = labels ?? exported?.Names,
            LabelsSource = exported is { } found ? $"the exporter's metadata, '{found.Key}'" : "model card",
            Stages = Parse(StagesKey, CardReader.Stages),
            Detection = Parse(DetectionKey, CardReader.Detection),
            Training = metadata.GetValueOrDefault(TrainingKey),
        };

        T? Parse<T>(string key, Func<string, T?> parse) where T : class
        {
            if (!metadata.TryGetValue(key, out string? text))
                return null;
            try
            {
                return parse(text);
            }
            catch (JsonException fault)
            {
                throw new OnnxException(source, $"its model card is broken: {key} is not the JSON that is expected ({fault.Message})",
                    fault);
            }
        }
    }

    internal void WriteTo(RepeatedField<StringStringEntryProto> metadata)
    {
        Put(InputKey, Input is null ? null : JsonSerializer.Serialize(Input, CardJson.Default.InputSpec));
        Put(LabelsKey, Labels is null ? null : JsonSerializer.Serialize(Labels, CardJson.Default.StringArray));
        Put(StagesKey, Stages is null ? null
            : JsonSerializer.Serialize(new Dictionary<string, string>(Stages), CardJson.Default.DictionaryStringString));
        Put(DetectionKey, Detection is null ? null : JsonSerializer.Serialize(Detection, CardJson.Default.DetectionCard));
        Put(TrainingKey, Training);

        void Put(string key, string? value)
        {
            foreach (StringStringEntryProto old in metadata.Where(p => p.Key == key).ToList())
                metadata.Remove(old);
            if (value is not null)
                metadata.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }
}
