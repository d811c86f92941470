using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Arrays of numbers in one line of an indented JSON file. NaN and infinities are written as strings.</summary>
internal sealed class CompactArray<T> : JsonConverter<T[]> where T : struct, ISpanFormattable, ISpanParsable<T>
{
    private const int LongestNumber = 32;

    public override T[] Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("Expected an array of numbers.");
        var values = new List<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            values.Add(T.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan),
                CultureInfo.InvariantCulture));
        return [.. values];
    }

    public override void Write(Utf8JsonWriter writer, T[] values, JsonSerializerOptions options)
    {
        var text = new StringBuilder("[", 8 * values.Length + 2);
        Span<char> number = stackalloc char[LongestNumber];
        for (int i = 0; i < values.Length; i++)
        {
            text.Append(i > 0 ? "," : "");
            values[i].TryFormat(number, out int length, default, CultureInfo.InvariantCulture);
            bool isNamed = char.IsAsciiLetter(number[0]) || (length > 1 && char.IsAsciiLetter(number[1]) && number[0] == '-');
            text.Append(isNamed ? "\"" : "").Append(number[..length]).Append(isNamed ? "\"" : "");
        }

        writer.WriteRawValue(text.Append(']').ToString(), skipInputValidation: true);
    }
}
