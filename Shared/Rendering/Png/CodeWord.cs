namespace CnnOnnx.Rendering.Png;

/// <summary>What stands for a symbol.</summary>
/// <param name="Bits">The first one lowest.</param>
/// <param name="Count">Of bits; 0 for a symbol that does not occur.</param>
internal readonly record struct CodeWord(uint Bits, int Count)
{
    /// <summary>With more bits behind it.</summary>
    public CodeWord Then(int bits, int count) => new(Bits | (uint)bits << Count, Count + count);
}
