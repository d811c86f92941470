using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// Text that is HTML. Made by interpolation, in which everything that is put in is escaped unless it is HTML itself, so
/// that a name from a model cannot become markup.
/// </summary>
internal readonly record struct Html(string Text)
{
    public static Html Empty { get; } = new("");

    public static Html Of(Builder builder) => new(builder.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(p => p.Text)));

    public override string ToString() => Text;

    [InterpolatedStringHandler]
    internal readonly ref struct Builder(int literalLength, int holes)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * holes);

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(Html html) => _text.Append(html.Text);

        public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));

        public void AppendFormatted(int number) => _text.Append(number);

        public override string ToString() => _text.ToString();
    }
}
