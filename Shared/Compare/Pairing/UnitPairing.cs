namespace CnnOnnx.Compare;

/// <summary>
/// Pairs the layers of two models: first what is certain (weights, names), then what follows from it (computed from pairs, read by pairs),
/// then an alignment of what is left, until nothing new is found.
/// </summary>
internal sealed class UnitPairing
{
    private readonly LayerUnits _a, _b;
    private readonly Func<LayerUnit, LayerUnit, bool> _fits;
    private readonly int?[] _partnerOfA, _partnerOfB;
    private readonly PairingEvidence[] _evidence;
    private readonly List<int>[] _usersA, _usersB;
    private readonly int?[] _inputs;

    /// <param name="a">The first model.</param>
    /// <param name="b">The second model.</param>
    /// <param name="fits">Says whether the shapes of two results allow that they are the same.</param>
    public UnitPairing(LayerUnits a, LayerUnits b, Func<LayerUnit, LayerUnit, bool> fits)
    {
        (_a, _b, _fits) = (a, b, fits);
        (_partnerOfA, _partnerOfB) = (new int?[a.Units.Count], new int?[b.Units.Count]);
        _evidence = new PairingEvidence[a.Units.Count];
        (_usersA, _usersB) = (Users(a), Users(b));
        _inputs = PairInputs(a.Inputs, b.Inputs);
    }

    /// <summary>Index of the input of the second model for each input of the first; null for none.</summary>
    public IReadOnlyList<int?> Inputs => _inputs;

    /// <summary>Pairs what is given and all that can be found.</summary>
    /// <param name="given">Pairs that the user named: indices of units.</param>
    /// <returns>Pairs of units with their evidence, in the order of the first model.</returns>
    public IReadOnlyList<(LayerUnit A, LayerUnit B, PairingEvidence Evidence)> Run(IReadOnlyList<(int A, int B)> given)
    {
        foreach ((int a, int b) in given)
            Pair(a, b, PairingEvidence.Given);
        ByWeights();
        foreach (Func<LayerUnit, string> name in new Func<LayerUnit, string>[] { u => u.Output, u => u.Chain[0], u => u.Node.Name })
            ByName(name);
        Follow();
        ByOutputs();
        Follow();
        Align();
        Follow();
        FollowUsers(sameOperation: false);
        Follow();
        if (Confirm())
        {
            Follow();
            Confirm();
        }

        return [.. _a.Units.Where(unit => _partnerOfA[unit.Index] is not null)
            .Select(unit => (unit, _b.Units[_partnerOfA[unit.Index]!.Value], _evidence[unit.Index]))];
    }

    private void Pair(int a, int b, PairingEvidence evidence)
    {
        (_partnerOfA[a], _partnerOfB[b]) = (b, a);
        _evidence[a] |= evidence;
    }

    private bool CanPair(LayerUnit a, LayerUnit b, bool sameOperation = true) =>
        _partnerOfA[a.Index] is null && _partnerOfB[b.Index] is null && (!sameOperation || a.Operation == b.Operation) && _fits(a, b);

    // Only where each is the only one for the other: equal weights in two places tell neither.
    private void ByWeights()
    {
        (LayerUnit A, LayerUnit B)[] same = [.. from a in _a.Units
                                                where a.Weights is not null
                                                from b in _b.Units
                                                where b.Weights is not null && CanPair(a, b) && a.Weights!.IsSameAs(b.Weights!)
                                                select (a, b)];
        ILookup<LayerUnit, LayerUnit> ofA = same.ToLookup(p => p.A, p => p.B), ofB = same.ToLookup(p => p.B, p => p.A);
        foreach ((LayerUnit a, LayerUnit b) in same)
            if (ofA[a].Count() == 1 && ofB[b].Count() == 1)
                Pair(a.Index, b.Index, PairingEvidence.Weights);
    }

    private void ByName(Func<LayerUnit, string> name)
    {
        ILookup<string, LayerUnit> others = _b.Units.ToLookup(name);
        foreach (LayerUnit a in _a.Units)
            // Two outputs may be called "boxes" and be other stages of the way there.
            if (IsTelling(name(a)) && others[name(a)].ToArray() is [{ } b] && CanPair(a, b) && a.Sources.Count == b.Sources.Count)
                Pair(a.Index, b.Index, PairingEvidence.Name);
    }

    /// <summary>A name that a person gave, not a number that an exporter counted.</summary>
    private static bool IsTelling(string name)
    {
        string letters = new([.. name.Where(char.IsLetter)]);
        return letters.Length > 2 && !(letters.StartsWith("onnx", StringComparison.OrdinalIgnoreCase) && name.Contains("::"))
            && letters is not ("tensor" or "input" or "output" or "Conv" or "Relu" or "val" or "node" or "x");
    }

    // To a fixed point: each round pairs at least one, so it ends.
    private void Follow()
    {
        while (FollowOperands() | FollowUsers(sameOperation: true))
        {
        }
    }

    /// <summary>Pairs layers of one kind that read the same pairs.</summary>
    private bool FollowOperands()
    {
        bool hasChanged = false;
        ILookup<string, LayerUnit> open = _b.Units.Where(u => _partnerOfB[u.Index] is null && u.Sources.Count > 0)
            .ToLookup(u => Key(u, u.Sources.Select(s => (UnitOutput?)s)));
        foreach (IGrouping<string?, LayerUnit> group in _a.Units.Where(u => _partnerOfA[u.Index] is null && u.Sources.Count > 0)
            .GroupBy(u => u.Sources.Select(Mapped).ToArray() is var mapped && mapped.All(m => m is not null) ? Key(u, mapped) : null))
        {
            if (group.Key is null)
                continue;
            List<LayerUnit> left = [.. group], right = [.. open[group.Key].Where(b => _partnerOfB[b.Index] is null)];
            if (left.Count == 1 && right.Count == 1 && CanPair(left[0], right[0]))
            {
                Pair(left[0].Index, right[0].Index, PairingEvidence.Operands);
                hasChanged = true;
            }
            else if (left.Count > 1 || right.Count > 1)
                hasChanged |= PairSiblings(left, right);
        }

        return hasChanged;
    }

    // Layers side by side, as in an Inception block: told apart by attributes, and then by order where there are as many.
    private bool PairSiblings(List<LayerUnit> left, List<LayerUnit> right)
    {
        bool hasChanged = false;
        ILookup<string, LayerUnit> others = right.ToLookup(Looks);
        foreach (IGrouping<string, LayerUnit> alike in left.GroupBy(Looks))
        {
            LayerUnit[] l = [.. alike], r = [.. others[alike.Key]];
            if (l.Length != r.Length)
                continue;
            for (int i = 0; i < l.Length; i++)
                if (CanPair(l[i], r[i]))
                {
                    Pair(l[i].Index, r[i].Index, PairingEvidence.Operands | (l.Length > 1 ? PairingEvidence.Order : 0));
                    hasChanged = true;
                }
        }

        return hasChanged;

        static string Looks(LayerUnit unit) => $"{unit.Attributes}|{unit.Weights?.Count}";
    }

    /// <summary>Pairs what paired layers read at the same place.</summary>
    private bool FollowUsers(bool sameOperation)
    {
        bool hasChanged = false;
        foreach (LayerUnit user in _a.Units.Reverse())
        {
            if (_partnerOfA[user.Index] is not { } partner)
                continue;
            IReadOnlyList<UnitOutput> left = user.Sources, right = _b.Units[partner].Sources;
            if (left.Count != right.Count)
                continue;
            for (int i = 0; i < left.Count; i++)
            {
                if (left[i].Unit < 0 || _partnerOfA[left[i].Unit] is not null)
                    continue;
                // Where operands may be exchanged, it has to be the one that is left over.
                UnitOutput[] candidates = user.IsCommutative ? [.. right.Where(r => r.Unit >= 0 && _partnerOfB[r.Unit] is null)]
                    : [right[i]];
                if (user.IsCommutative && left.Count(l => l.Unit >= 0 && _partnerOfA[l.Unit] is null) != 1)
                    candidates = [.. candidates.Where(c => c.Unit >= 0 && left.Count(l => l.Unit >= 0
                        && _a.Units[l.Unit].Operation == _b.Units[c.Unit].Operation) == 1)];
                candidates = [.. candidates.Where(c => c.Unit >= 0 && c.Output == left[i].Output
                    && CanPair(_a.Units[left[i].Unit], _b.Units[c.Unit], sameOperation))];
                if (candidates.Length != 1 || (!sameOperation && !IsSimple(left[i].Unit, candidates[0].Unit)))
                    continue;
                Pair(left[i].Unit, candidates[0].Unit, PairingEvidence.Users);
                hasChanged = true;
            }
        }

        return hasChanged;
    }

    // A pattern that the other model spells in another way; layers with weights are never paired so.
    private bool IsSimple(int a, int b) => _a.Units[a].Weights is null && _b.Units[b].Weights is null;

    // Outputs by name, or by place where there are as many.
    private void ByOutputs()
    {
        string[] left = [.. _a.Graph.Outputs.Select(o => o.Name)], right = [.. _b.Graph.Outputs.Select(o => o.Name)];
        for (int i = 0; i < left.Length; i++)
        {
            string? other = right.Contains(left[i]) ? left[i] : left.Length == right.Length ? right[i] : null;
            if (other is not null && _a.Behind(left[i]) is { Unit: >= 0 } a && _b.Behind(other) is { Unit: >= 0 } b
                && CanPair(_a.Units[a.Unit], _b.Units[b.Unit]))
                Pair(a.Unit, b.Unit, PairingEvidence.Users);
        }
    }

    private void Align()
    {
        LayerUnit[] left = [.. _a.Units.Where(u => _partnerOfA[u.Index] is null)];
        LayerUnit[] right = [.. _b.Units.Where(u => _partnerOfB[u.Index] is null)];
        int[] before = BetweenPairs(left, _partnerOfA), beforeB = BetweenPairs(right, null);
        foreach ((int i, int j) in SequenceAlignment.Align(left.Length, right.Length, Score))
            Pair(left[i].Index, right[j].Index, PairingEvidence.Alignment);

        // A layer cannot be a partner across the pairs that stand around it.
        double Score(int i, int j) => before[i] != beforeB[j] || !CanPair(left[i], right[j]) ? 0
            : 1 + (left[i].Attributes == right[j].Attributes ? 0.5 : 0) + (left[i].Weights?.Count == right[j].Weights?.Count ? 0.5 : -0.6);
    }

    // The place of the pair before, in the numbering of the second model.
    private int[] BetweenPairs(LayerUnit[] open, int?[]? partner) => [.. open.Select(unit =>
    {
        for (int i = unit.Index - 1; i >= 0; i--)
            if (partner is null ? _partnerOfB[i] is not null : partner[i] is not null)
                return partner is null ? i : partner[i]!.Value;
        return -1;
    })];

    /// <summary>Adds what else speaks for each pair; takes back those that their operands contradict.</summary>
    /// <returns>True when a pair was taken back.</returns>
    private bool Confirm()
    {
        bool hasChanged = false;
        foreach (LayerUnit a in _a.Units)
        {
            if (_partnerOfA[a.Index] is not { } partner)
                continue;
            LayerUnit b = _b.Units[partner];
            PairingEvidence more = 0;
            if (a.Attributes.Length > 0 && a.Attributes == b.Attributes)
                more |= PairingEvidence.Attributes;
            if (a.Weights is not null && b.Weights is not null && a.Weights.IsSameAs(b.Weights))
                more |= PairingEvidence.Weights;
            if ((IsTelling(a.Output) && a.Output == b.Output) || (IsTelling(a.Node.Name) && a.Node.Name == b.Node.Name))
                more |= PairingEvidence.Name;
            bool isFromPairs = a.Sources.Count == b.Sources.Count
                && a.Sources.Select(Mapped).Order(UnitOrder.ByPlace).SequenceEqual(
                    b.Sources.Select(s => (UnitOutput?)s).Order(UnitOrder.ByPlace));
            if (isFromPairs)
                more |= PairingEvidence.Operands;
            if (_usersA[a.Index].Any(user => _partnerOfA[user] is { } other && _usersB[b.Index].Contains(other)))
                more |= PairingEvidence.Users;
            _evidence[a.Index] |= more;
            const PairingEvidence certain = PairingEvidence.Given | PairingEvidence.Weights | PairingEvidence.Name
                | PairingEvidence.Operands | PairingEvidence.Users;
            bool isContradicted = !isFromPairs && (_evidence[a.Index] & (PairingEvidence.Given | PairingEvidence.Weights)) == 0
                && a.Sources.All(s => Mapped(s) is { } mapped && !b.Sources.Contains(mapped));
            if ((_evidence[a.Index] & certain) != 0 && !isContradicted)
                continue;
            (_partnerOfA[a.Index], _partnerOfB[partner], _evidence[a.Index]) = (null, null, 0);
            hasChanged = true;
        }

        return hasChanged;
    }

    private UnitOutput? Mapped(UnitOutput source) => source.Unit < 0
        ? _inputs[-1 - source.Unit] is { } input ? UnitOutput.OfInput(input) : null
        : _partnerOfA[source.Unit] is { } partner ? source with { Unit = partner } : null;

    private static string Key(LayerUnit unit, IEnumerable<UnitOutput?> sources) =>
        $"{unit.Operation}({string.Join(',', unit.IsCommutative ? sources.Order(UnitOrder.ByPlace) : sources)})";

    private static List<int>[] Users(LayerUnits model)
    {
        List<int>[] users = [.. model.Units.Select(_ => new List<int>())];
        foreach (LayerUnit unit in model.Units)
            foreach (UnitOutput source in unit.Sources.Where(s => s.Unit >= 0).Distinct())
                users[source.Unit].Add(unit.Index);
        return users;
    }

    private static int?[] PairInputs(IReadOnlyList<string> a, IReadOnlyList<string> b) => [.. a.Select((name, i) =>
        b.ToList().IndexOf(name) is >= 0 and var same ? same : a.Count == b.Count && !a.Contains(b[i]) ? i : (int?)null)];

    private sealed class UnitOrder : IComparer<UnitOutput?>
    {
        public static UnitOrder ByPlace { get; } = new();

        public int Compare(UnitOutput? x, UnitOutput? y) =>
            ((x?.Unit ?? int.MaxValue, x?.Output ?? 0)).CompareTo((y?.Unit ?? int.MaxValue, y?.Output ?? 0));
    }
}
