namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Takes a list of targets apart: "top,tabby,at:10,20,30,40=dog,output[0,3]". A comma within brackets, within a rectangle or within a
/// label such as "tiger, Panthera tigris" separates nothing.
/// </summary>
internal static class TargetList
{
    private const int RectangleNumbers = 4;

    private static readonly string[] RectangleForms = ["at:", "region:"];

    /// <summary>Splits a list.</summary>
    /// <param name="list">Targets with commas between them.</param>
    /// <param name="isKnown">Tells whether a text that has commas is one target.</param>
    public static IReadOnlyList<string> Split(string list, Func<string, bool> isKnown)
    {
        string[] pieces = Pieces(list);
        List<string> targets = [];
        for (int i = 0; i < pieces.Length;)
        {
            string piece = pieces[i].TrimStart();
            bool isRectangle = RectangleForms.Any(form => piece.StartsWith(form, StringComparison.OrdinalIgnoreCase));
            int taken = isRectangle ? Math.Min(RectangleNumbers, pieces.Length - i) : 1;
            // The longest that is a label wins: "tiger, Panthera tigris" and not "tiger" and another.
            for (int length = pieces.Length - i; length > taken; length--)
            {
                string joined = string.Join(',', pieces[i..(i + length)]).Trim();
                string named = isRectangle && joined.IndexOf('=') is > 0 and var equals ? joined[(equals + 1)..] : joined;
                if ((!isRectangle || joined.Contains('=')) && isKnown(named))
                {
                    taken = length;
                    break;
                }
            }

            targets.Add(string.Join(',', pieces[i..(i + taken)]).Trim());
            i += taken;
        }

        return targets;
    }

    /// <summary>Name of the tensor in "name[i,j]"; null for anything else.</summary>
    public static (string Tensor, string Index)? Element(string target) =>
        target.EndsWith(']') && target.LastIndexOf('[') is > 0 and var open ? (target[..open], target[(open + 1)..^1]) : null;

    private static string[] Pieces(string list)
    {
        List<string> pieces = [];
        int depth = 0, start = 0;
        for (int i = 0; i < list.Length; i++)
        {
            depth += list[i] switch { '[' => 1, ']' when depth > 0 => -1, _ => 0 };
            if (list[i] == ',' && depth == 0)
            {
                pieces.Add(list[start..i]);
                start = i + 1;
            }
        }

        pieces.Add(list[start..]);
        return [.. pieces];
    }
}
