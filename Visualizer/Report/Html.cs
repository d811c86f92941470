using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// Text that is HTML. Made by interpolation, in which everything that is put in is escaped unless it is HTML itself, so
/// that a name from a model cannot become markup. It stays in pieces until it is written: a page of pictures is many
/// megabytes, which every level around them would copy.
/// </summary>
internal readonly struct Html
{
    private readonly IReadOnlyList<string>? _pieces;

    public Html(string markup) => _pieces = [markup];

    private Html(List<string> pieces) => _pieces = pieces;

    public static Html Empty => default;

    public string Text => string.Concat(Pieces);

    /// <summary>Characters.</summary>
    public int Length => Pieces.Sum(piece => piece.Length);

    private IReadOnlyList<string> Pieces => _pieces ?? [];

    public static Html Of(Builder builder) => new(builder.Pieces);

    public static Html Join(IEnumerable<Html> parts)
    {
        var pieces = new List<string>();
        foreach (Html part in parts)
            pieces.AddRange(part.Pieces);
        return new Html(pieces);
    }

    /// <summary>As a whole file.</summary>
    public void WriteTo(string path)
    {
        IReadOnlyList<string> pieces = Pieces;
        AtomicFile.Write(path, file =>
        {
            using var text = new StreamWriter(file, bufferSize: 1 << 16, leaveOpen: true);
            foreach (string piece in pieces)
                text.Write(piece);
        });
    }

    public override string ToString() => Text;

    [InterpolatedStringHandler]
    internal readonly ref struct Builder(int literalLength, int holes)
    {
        public List<string> Pieces { get; } = new(literalLength > 0 ? 2 * holes + 1 : holes);

        public void AppendLiteral(string markup) => Pieces.Add(markup);

        public void AppendFormatted(Html html) => Pieces.AddRange(html.Pieces);

        public void AppendFormatted(string? text) => Pieces.Add(WebUtility.HtmlEncode(text) ?? "");

        public void AppendFormatted(int number) => Pieces.Add(number.ToString(CultureInfo.InvariantCulture));
    }
}
