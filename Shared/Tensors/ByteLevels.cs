using System.Collections.Frozen;

namespace CnnOnnx.Tensors;

/// <summary>
/// How the bytes of a tensor of 8-bit numbers say which numbers they are: turned over, they are levels 0 to 255 in the order of
/// the numbers.
/// </summary>
/// <param name="Flip">Bits to turn over; also the level of 0.</param>
internal readonly record struct ByteLevels(byte Flip)
{
    public const int Count = 1 << 8;

    // Of a signed number the sign is turned over, which adds 128.
    private static readonly FrozenDictionary<ElementType, ByteLevels> Table = new Dictionary<ElementType, ByteLevels>
    {
        [ElementType.UInt8] = new(0),
        [ElementType.Int8] = new(0x80),
        [ElementType.Bool] = new(0),
    }.ToFrozenDictionary();

    /// <summary>Finds the levels of an element type; null when its elements are not 8-bit numbers.</summary>
    public static ByteLevels? Of(ElementType type) => Table.TryGetValue(type, out ByteLevels levels) ? levels : null;

    /// <summary>Gives the number that a level stands for.</summary>
    public float ValueOf(int level) => level - Flip;
}
