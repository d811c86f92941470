using System.Collections.Immutable;
using System.Globalization;

namespace CnnOnnx.Tensors;

/// <summary>The sizes of a tensor's axes, slowest first. Prints as [1, 3, 224, 224]; a scalar as [].</summary>
public readonly struct TensorShape : IEquatable<TensorShape>
{
    private readonly ImmutableArray<long> _dims;

    /// <summary>Makes a shape of the sizes of its axes.</summary>
    /// <param name="dims">Size of each axis, slowest first; none for a scalar.</param>
    public TensorShape(params ReadOnlySpan<long> dims) => _dims = [.. dims];

    /// <summary>Shape of a single number: no axes.</summary>
    public static TensorShape Scalar { get; } = new([]);

    /// <summary>Size of each axis, slowest first.</summary>
    public ImmutableArray<long> Dims => _dims.IsDefault ? [] : _dims;

    /// <summary>Number of axes.</summary>
    public int Rank => Dims.Length;

    /// <summary>Size of one axis.</summary>
    /// <param name="axis">Index of the axis, from 0, or ^1 for the last one.</param>
    public long this[Index axis] => Dims[axis];

    /// <summary>Number of elements: 1 for a scalar.</summary>
    /// <exception cref="OverflowException">The product does not fit into 63 bits.</exception>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long dim in Dims)
                count = checked(count * dim);
            return count;
        }
    }

    /// <summary>Compares the sizes of all axes.</summary>
    /// <param name="other">Another shape.</param>
    public bool Equals(TensorShape other) => Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorShape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (long dim in Dims)
            hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <summary>True when rank and all sizes are equal.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">Another shape.</param>
    public static bool operator ==(TensorShape left, TensorShape right) => left.Equals(right);

    /// <summary>True when rank or a size differs.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">Another shape.</param>
    public static bool operator !=(TensorShape left, TensorShape right) => !left.Equals(right);

    /// <summary>Sizes in brackets, such as [1, 3, 224, 224].</summary>
    public override string ToString() => $"[{string.Join(", ", Dims.Select(d => d.ToString(CultureInfo.InvariantCulture)))}]";
}

/// <summary>One axis of a declared shape: a size, a symbol such as N, or nothing known (prints as ?).</summary>
/// <param name="Size">Number of elements along the axis; null where it is not known.</param>
/// <param name="Symbol">Name of a size that is not known; null for none.</param>
public readonly record struct Dimension(long? Size, string? Symbol = null)
{
    /// <summary>Makes an axis of a known size.</summary>
    /// <param name="size">Number of elements along the axis.</param>
    public static implicit operator Dimension(long size) => new(size);

    /// <summary>Makes an axis whose size has a name.</summary>
    /// <param name="symbol">Name such as N.</param>
    public static implicit operator Dimension(string symbol) => new(null, symbol);

    /// <summary>The size, else the symbol, else ?.</summary>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
