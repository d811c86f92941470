using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// Maps that a comparison keeps: of the pair that its verdict will name, and of every pair where somebody wants to see them.
/// </summary>
/// <param name="keepsAll">True to keep maps of every pair.</param>
/// <param name="values">Reads tensors side by side.</param>
/// <param name="layouts">Where the first model's tensors have their channels.</param>
internal sealed class KeptMaps(bool keepsAll, PairedValues values, ChannelLayouts layouts)
{
    // Floats of all maps together, and pairs that are kept as if the verdict named them.
    private const long Room = 6 << 20;
    private const int MostWhole = 4;

    private readonly Dictionary<TensorPair, PairMaps> _every = [];
    private (PairMaps Maps, bool IsIntroduced)? _named;
    private bool _hasAll;

    /// <summary>Maps of the pair that the verdict names; null where no pair has values.</summary>
    public PairMaps? Named => _named?.Maps;

    /// <summary>Maps of a pair; null where there are none.</summary>
    public PairMaps? Of(TensorPair pair) => _named?.Maps.Pair == pair ? _named.Value.Maps : _every.GetValueOrDefault(pair);

    /// <summary>Looks at a run of each model. Once is enough for most; a difference that begins later replaces what was kept.</summary>
    public void Add(IReadOnlyList<PairState> states, Activations a, Activations b)
    {
        if (keepsAll && !_hasAll)
            KeepAll(states, a, b);
        _hasAll = true;
        PairState? introduced = states.FirstOrDefault(s => s.IsIntroduced);
        if (_named is not null && (introduced is null || _named.Value.IsIntroduced))
            return;
        PairState[] seen = [.. states.Where(s => !s.IsInput && s.Runs > 0)];
        if ((introduced ?? seen.FirstOrDefault(s => s.IsOutside) ?? seen.MaxBy(s => s.TotalError)) is { } state
            && Read(state, a, b, isWhole: true) is { } maps)
            _named = (maps, introduced is not null);
    }

    // Those that are furthest apart first, until the room is used up.
    private void KeepAll(IReadOnlyList<PairState> states, Activations a, Activations b)
    {
        long room = Room;
        int whole = 0;
        foreach (PairState state in states.Where(s => !s.IsInput && s.Runs > 0).OrderByDescending(s => s.IsIntroduced)
            .ThenByDescending(s => s.TotalError))
            if (room > 0 && Read(state, a, b, state.IsIntroduced && whole++ < MostWhole) is { } maps)
            {
                _every[state.Pair] = maps;
                room -= maps.Worst.Sum(map => 2L * map.A.Length);
            }
    }

    private PairMaps? Read(PairState state, Activations a, Activations b, bool isWhole)
    {
        Activation left = a[state.Pair.A];
        return values.TryRead(left, b[state.Pair.B], out ReadOnlySpan<float> x, out ReadOnlySpan<float> y) && x.Length > 0
            ? MapKeeper.Of(state.Pair, x, y, left.Shape, layouts.Of(left.Name, left.Shape.Rank).Layout == ChannelLayout.Last,
                state.AllowedOf(x), isWhole) : null;
    }
}
