using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Which tensors of two models belong together, and which have no partner.</summary>
/// <param name="Pairs">The pairs, in the order in which the second model makes them; inputs of the graphs come first.</param>
/// <param name="Unpaired">Tensors without a partner, with reasons; constants and shape arithmetic are not among them.</param>
public sealed record ModelPairing(IReadOnlyList<TensorPair> Pairs, IReadOnlyList<UnpairedTensor> Unpaired)
{
    /// <summary>Pairs the tensors of two models.</summary>
    /// <param name="a">The first model and the shapes that a run gave its tensors.</param>
    /// <param name="b">The second model, likewise.</param>
    /// <param name="given">Pairs that the user named: tensor of the first model, tensor of the second.</param>
    /// <exception cref="BadInputException">A tensor that was named does not exist.</exception>
    internal static ModelPairing Of(
        (OnnxModel Model, IReadOnlyDictionary<string, TensorShape> Shapes) a,
        (OnnxModel Model, IReadOnlyDictionary<string, TensorShape> Shapes) b,
        IReadOnlyList<(string A, string B)> given)
    {
        LayerUnits left = LayerUnits.Of(a.Model), right = LayerUnits.Of(b.Model);
        var units = new UnitPairing(left, right, (x, y) => LayoutMatch.Of(a.Shapes, x.Output, b.Shapes, y.Output));
        var found = new PairCollector(left, right, a.Shapes, b.Shapes);
        var givenUnits = new List<(int, int)>();
        foreach ((string nameA, string nameB) in given)
        {
            RequireTensor(a.Model, nameA);
            RequireTensor(b.Model, nameB);
            found.Add(nameA, nameB, PairingEvidence.Given, null);
            if (left.Behind(nameA) is { Unit: >= 0 } unitA && right.Behind(nameB) is { Unit: >= 0 } unitB
                && left.Units[unitA.Unit].Output == nameA && right.Units[unitB.Unit].Output == nameB)
                givenUnits.Add((unitA.Unit, unitB.Unit));
        }

        IReadOnlyList<(LayerUnit A, LayerUnit B, PairingEvidence Evidence)> pairs = units.Run(givenUnits);
        for (int i = 0; i < left.Inputs.Count; i++)
            if (units.Inputs[i] is { } input)
                found.Add(left.Inputs[i], right.Inputs[input],
                    left.Inputs[i] == right.Inputs[input] ? PairingEvidence.Name | PairingEvidence.Order : PairingEvidence.Order, null);
        foreach ((LayerUnit unitA, LayerUnit unitB, PairingEvidence evidence) in pairs)
            found.AddUnit(unitA, unitB, evidence);
        found.AddViews();
        return new ModelPairing(found.InOrder(), found.Unpaired());
    }

    private static void RequireTensor(OnnxModel model, string name)
    {
        if (model.Graph.Producer(name) is null && model.Graph.Inputs.All(i => i.Name != name))
            throw new BadInputException($"{model.Source} has no tensor '{name}' to pair");
    }

    /// <summary>Gathers pairs of tensors from pairs of layers.</summary>
    private sealed class PairCollector(LayerUnits a, LayerUnits b, IReadOnlyDictionary<string, TensorShape> shapesA,
        IReadOnlyDictionary<string, TensorShape> shapesB)
    {
        private readonly Dictionary<string, TensorPair> _byA = [], _byB = [];

        public void Add(string nameA, string nameB, PairingEvidence evidence, double? weights)
        {
            if (_byA.ContainsKey(nameA) || _byB.ContainsKey(nameB))
                return;
            var pair = new TensorPair(nameA, nameB, a.Graph.Producer(nameA)?.OpType ?? "", b.Graph.Producer(nameB)?.Name ?? "", evidence,
                weights);
            (_byA[nameA], _byB[nameB]) = (pair, pair);
        }

        public void AddUnit(LayerUnit unitA, LayerUnit unitB, PairingEvidence evidence)
        {
            double? distance = unitA.Weights is { } wa && unitB.Weights is { } wb && wa.Count == wb.Count ? wa.DistanceTo(wb) : null;
            if (unitA.Chain.Count == unitB.Chain.Count)
                foreach ((string inA, string inB) in unitA.Chain.Zip(unitB.Chain).SkipLast(1))
                    Add(inA, inB, evidence, distance);
            Add(unitA.Output, unitB.Output, evidence, distance);
            for (int i = 1; i < Math.Min(unitA.Node.Outputs.Length, unitB.Node.Outputs.Length); i++)
                if (unitA.Node.Outputs[i].Length > 0 && unitB.Node.Outputs[i].Length > 0
                    && LayoutMatch.Of(shapesA, unitA.Node.Outputs[i], shapesB, unitB.Node.Outputs[i]))
                    Add(unitA.Node.Outputs[i], unitB.Node.Outputs[i], evidence, distance);
        }

        /// <summary>Pairs what shows paired tensors in another shape, layer by layer, where both models do so in one way.</summary>
        public void AddViews()
        {
            foreach (OnnxNode node in a.Graph.Nodes.Where(n => LayerUnits.IsView(n, a.Graph)))
            {
                if (_byA.ContainsKey(node.Outputs[0]) || !_byA.TryGetValue(node.Inputs[0], out TensorPair? source))
                    continue;
                OnnxNode[] others = [.. b.UsersOf(source.B).Where(n => LayerUnits.IsView(n, b.Graph) && n.Inputs[0] == source.B
                    && !_byB.ContainsKey(n.Outputs[0]) && LayoutMatch.Of(shapesA, node.Outputs[0], shapesB, n.Outputs[0]))];
                if (others.Length == 1)
                    Add(node.Outputs[0], others[0].Outputs[0], PairingEvidence.Operands, null);
            }
        }

        public IReadOnlyList<TensorPair> InOrder() =>
            [.. b.Inputs.Concat(b.Graph.NodeOutputs).Where(_byB.ContainsKey).Select(name => _byB[name])];

        public IReadOnlyList<UnpairedTensor> Unpaired() => [.. Unpaired(a, _byA, true, b), .. Unpaired(b, _byB, false, a)];

        private static IEnumerable<UnpairedTensor> Unpaired(
            LayerUnits model, Dictionary<string, TensorPair> paired, bool isA, LayerUnits other)
        {
            foreach (string name in model.Inputs.Concat(model.Graph.NodeOutputs))
            {
                if (paired.ContainsKey(name) || model.Behind(name) is not { } made)
                    continue;
                OnnxNode? node = model.Graph.Producer(name);
                LayerUnit? unit = made.Unit >= 0 ? model.Units[made.Unit] : null;
                bool isFolded = unit is not null && unit.Chain.Contains(name) && name != unit.Output && paired.ContainsKey(unit.Output);
                string reason = node is null ? "is an input that the other model has not"
                    : isFolded ? $"is folded into the weights that make '{unit!.Output}' there"
                    : node.OpType is "QuantizeLinear" or "DequantizeLinear" ? "is a step of quantisation"
                    : LayerUnits.IsView(node, model.Graph) ? $"is another view of '{node.Inputs[0]}'"
                    : other.Units.All(u => u.Operation != unit?.Operation) ? $"is made by {node.OpType}, which the other model has not"
                    : $"is made by {node.OpType} '{node.Name}', which has no counterpart";
                yield return new UnpairedTensor(name, isA, reason)
                {
                    IsExplained = isFolded || (node is not null && LayerUnits.IsView(node, model.Graph)),
                };
            }
        }
    }
}
