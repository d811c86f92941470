using System.Numerics;

namespace CnnOnnx.Statistics;

/// <summary>
/// A sum over numbered items that is the same to the last bit however the items are dealt out to workers. Sums of floating-point
/// numbers depend on their order; this one always takes the order of the binary tree over all numbers from 0 on. A part of the items
/// keeps the sums of the largest aligned blocks within it, at most 2·log₂ n of them:
/// <code>
/// numbers   0 1 2 3 4 5 6 7 8 9        blocks of 0–4: [0,4) [4]
/// tree      └┴─┴┘ └┴─┴┘ └┴…                      5–9: [5] [6,8) [8,10)
/// </code>
/// Numbers may be missing; a block is what there is of it.
/// </summary>
/// <param name="first">Number of the first item of this part: no block begins before it.</param>
/// <param name="join">Gives the sum of two blocks, the one with the lower numbers first, and changes neither.</param>
internal sealed class DyadicBlocks<T>(long first, Func<T, T, T> join)
{
    private readonly List<Block> _blocks = [];

    /// <summary>Blocks with their sums, by their numbers; none overlaps another.</summary>
    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>Adds an item whose number is larger than that of all before.</summary>
    public void Add(long number, T value) => Add(new Block(number, value));

    /// <summary>Adds a block whose numbers are larger than all before. It has to be whole: no part of it is added later.</summary>
    public void Add(Block block)
    {
        // What lies before the new one is all that there will be of it.
        while (_blocks.Count > 1 && NodeOfLastTwo() is var (start, level) && start >= first && block.Start - start >= 1L << level)
            JoinLastTwo();
        _blocks.Add(block);
    }

    /// <summary>Adds a block of a part whose beginning is not known: it is joined with none before the parts are put together.</summary>
    public void AddUnjoined(Block block) => _blocks.Add(block);

    /// <summary>Computes the sum over all items, as if nothing came before or behind them. Null when there are none.</summary>
    public T? Total()
    {
        var all = new DyadicBlocks<T>(0, join);
        foreach (Block block in _blocks)
            all.Add(block);
        while (all._blocks.Count > 1)
            all.JoinLastTwo();
        return all._blocks is [var root] ? root.Value : default;
    }

    // The smallest block of the tree that holds the last two.
    private (long Start, int Level) NodeOfLastTwo()
    {
        (long left, long right) = (_blocks[^2].Start, _blocks[^1].Start);
        int level = BitOperations.Log2((ulong)(left ^ right)) + 1;
        return (left >> level << level, level);
    }

    private void JoinLastTwo()
    {
        (Block left, Block right) = (_blocks[^2], _blocks[^1]);
        _blocks.RemoveAt(_blocks.Count - 1);
        _blocks[^1] = left with { Value = join(left.Value, right.Value) };
    }

    /// <summary>Sum of a block.</summary>
    /// <param name="Start">Number of its first item that is there.</param>
    /// <param name="Value">Sum of its items.</param>
    internal readonly record struct Block(long Start, T Value);
}
