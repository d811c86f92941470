using System.Globalization;

namespace CnnOnnx.Tensors;

/// <summary>One axis of a declared shape: a size, a symbol such as N, or nothing known (prints as ?).</summary>
public readonly record struct Dimension(long? Size, string? Symbol = null)
{
    public static implicit operator Dimension(long size) => new(size);

    public static implicit operator Dimension(string symbol) => new(null, symbol);

    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
