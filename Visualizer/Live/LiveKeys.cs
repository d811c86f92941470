using System.Collections.Frozen;

namespace CnnOnnx.Visualizer.Live;

/// <summary>The keys of the window: their codes, which differ between systems, and their help.</summary>
internal static class LiveKeys
{
    private static readonly (LiveKey Key, string Name, string Help, int[] Codes)[] Table =
    [
        // OpenCV hands out X11's key symbols on Linux (65362 = Up), and virtual keys shifted by 16 on Windows (0x26 = Up).
        (LiveKey.PreviousLayer, "up", "previous layer", [65362, 65431, 0x26 << 16]),
        (LiveKey.NextLayer, "down", "next layer", [65364, 65433, 0x28 << 16]),
        (LiveKey.NextChannel, "right", "next channel", [65363, 65432, 0x27 << 16]),
        (LiveKey.PreviousChannel, "left", "previous channel", [65361, 65430, 0x25 << 16]),
        (LiveKey.AllChannels, "a", "all channels again", ['a', 'A']),
        (LiveKey.Freeze, "space", "hold the picture", [' ']),
        (LiveKey.NextPicture, "n", "next picture of a folder", ['n', 'N']),
        (LiveKey.Colormap, "c", "next colormap", ['c', 'C']),
        (LiveKey.Scaling, "s", "next way of scaling", ['s', 'S']),
        (LiveKey.Larger, "+", "larger maps", ['+', '=', 65451]),
        (LiveKey.Smaller, "-", "smaller maps", ['-', '_', 65453]),
        (LiveKey.Help, "h", "this help", ['h', 'H', '?']),
        (LiveKey.Quit, "q, Esc", "end", ['q', 'Q', 27]),
    ];

    private static readonly FrozenDictionary<int, LiveKey> ByCode =
        Table.SelectMany(row => row.Codes.Select(code => (code, row.Key))).ToFrozenDictionary(p => p.code, p => p.Key);

    public static IEnumerable<(string Name, string Help)> Help => Table.Select(row => (row.Name, row.Help));

    /// <param name="code">Number that WaitKeyEx returned; −1 for no key.</param>
    /// <returns>Null for no key, and for one that means nothing.</returns>
    public static LiveKey? Parse(int code)
    {
        // GTK sets bits above the symbol's for Shift, Ctrl and the locks.
        if (code >= 0 && (ByCode.TryGetValue(code, out LiveKey key) || ByCode.TryGetValue(code & 0xFFFF, out key)))
            return key;
        return null;
    }
}

/// <summary>Meanings of keys.</summary>
internal enum LiveKey
{
    NextLayer,
    PreviousLayer,
    NextChannel,
    PreviousChannel,
    AllChannels,
    Freeze,
    Colormap,
    Scaling,
    Larger,
    Smaller,
    NextPicture,
    Help,
    Quit,
}
