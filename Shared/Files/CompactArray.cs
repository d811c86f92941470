using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnOnnx.Files;

/// <summary>Writes arrays of numbers in one line of an indented JSON file. NaN and infinities are written as strings.</summary>
internal sealed class CompactArray<T> : JsonConverter<T[]> where T : struct, IUtf8SpanFormattable, ISpanParsable<T>
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
        byte[] rented = ArrayPool<byte>.Shared.Rent(LongestNumber * values.Length + 2);
        int length = 0;
        rented[length++] = (byte)'[';
        foreach (T value in values)
        {
            if (length > 1)
                rented[length++] = (byte)',';
            length += Format(value, rented.AsSpan(length));
        }

        rented[length++] = (byte)']';
        writer.WriteRawValue(rented.AsSpan(0, length), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(rented);
    }

    // NaN, Infinity and -Infinity are no numbers in JSON.
    private static int Format(T value, Span<byte> text)
    {
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        if (!char.IsAsciiLetter((char)text[length - 1]))
            return length;
        text[..length].CopyTo(text[1..]);
        text[0] = text[length + 1] = (byte)'"';
        return length + 2;
    }
}
