using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using CnnOnnx.Files;

namespace CnnOnnx.Pages;

/// <summary>
/// Text that is HTML. Made by interpolation, in which everything that is put in is escaped unless it is HTML itself, so
/// that a name from a model cannot become markup. It stays in pieces until it is written: a page of pictures is many
/// megabytes, which every level around them would copy.
/// </summary>
internal readonly struct Html
{
    // Markup, or an array that is to become base64, or a list of Html.
    private readonly object? _content;

    public Html(string markup) => _content = markup;

    private Html(object content) => _content = content;

    public static Html Empty => default;

    public string Text
    {
        get
        {
            using var bytes = new MemoryStream(Length);
            using (var text = new Utf8Writer(bytes))
                WriteTo(text);
            return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }
    }

    /// <summary>Characters.</summary>
    public int Length => _content switch
    {
        string markup => markup.Length,
        Array bytes => Base64.GetMaxEncodedToUtf8Length(Buffer.ByteLength(bytes)),
        List<Html> parts => parts.Sum(part => part.Length),
        _ => 0,
    };

    public static Html Of(Builder builder) => new(builder.Parts);

    public static Html Join(IEnumerable<Html> parts) => new((object)parts.ToList());

    /// <summary>The bytes of an array of numbers as base64, in which there is nothing to escape. It must stay as it is.</summary>
    public static Html Base64Of(Array numbers) => new(numbers);

    /// <summary>Makes the text of a whole file.</summary>
    public void WriteTo(string path)
    {
        Html self = this;
        AtomicFile.Write(path, file =>
        {
            using var text = new Utf8Writer(file);
            self.WriteTo(text);
        });
    }

    public override string ToString() => Text;

    private void WriteTo(Utf8Writer writer)
    {
        switch (_content)
        {
            case string markup:
                writer.Write(markup);
                break;
            case Array numbers:
                writer.WriteBase64(
                    MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(numbers), Buffer.ByteLength(numbers)));
                break;
            case List<Html> parts:
                foreach (Html part in parts)
                    part.WriteTo(writer);
                break;
        }
    }

    [InterpolatedStringHandler]
    internal readonly ref struct Builder(int literalLength, int holes)
    {
        public List<Html> Parts { get; } = new(literalLength > 0 ? 2 * holes + 1 : holes);

        public void AppendLiteral(string markup) => Parts.Add(new Html(markup));

        public void AppendFormatted(Html html) => Parts.Add(html);

        public void AppendFormatted(string? text) => Parts.Add(new Html(WebUtility.HtmlEncode(text) ?? ""));

        public void AppendFormatted(int number) => Parts.Add(new Html(number.ToString(CultureInfo.InvariantCulture)));
    }
}
