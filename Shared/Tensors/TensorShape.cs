using System.Collections.Immutable;
using System.Globalization;

namespace CnnOnnx.Tensors;

/// <summary>The sizes of a tensor's axes, slowest first. Prints as [1, 3, 224, 224]; a scalar as [].</summary>
public readonly struct TensorShape : IEquatable<TensorShape>
{
    private readonly ImmutableArray<long> _dims;

    public TensorShape(params ReadOnlySpan<long> dims) => _dims = [.. dims];

    public static TensorShape Scalar { get; } = new([]);

    public ImmutableArray<long> Dims => _dims.IsDefault ? [] : _dims;

    public int Rank => Dims.Length;

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

    public bool Equals(TensorShape other) => Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    public override bool Equals(object? obj) => obj is TensorShape other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (long dim in Dims)
            hash.Add(dim);
        return hash.ToHashCode();
    }

    public static bool operator ==(TensorShape left, TensorShape right) => left.Equals(right);

    public static bool operator !=(TensorShape left, TensorShape right) => !left.Equals(right);

    public override string ToString() => $"[{string.Join(", ", Dims.Select(d => d.ToString(CultureInfo.InvariantCulture)))}]";
}

/// <summary>One axis of a declared shape: a size, a symbol such as N, or nothing known (prints as ?).</summary>
public readonly record struct Dimension(long? Size, string? Symbol = null)
{
    public static implicit operator Dimension(long size) => new(size);

    public static implicit operator Dimension(string symbol) => new(null, symbol);

    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
