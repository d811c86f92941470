using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>A column in one line of an indented JSON file.</summary>
internal sealed class ChannelColumnJson : JsonConverter<ChannelColumn>
{
    private static readonly CompactArray<float> Floats = new();

    public override ChannelColumn Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        Floats.Read(ref reader, typeof(float[]), options);

    public override void Write(Utf8JsonWriter writer, ChannelColumn column, JsonSerializerOptions options) =>
        writer.WriteRawValue(column.Text, skipInputValidation: true);
}
