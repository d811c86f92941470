using System.Collections.Frozen;
using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Operators;

/// <summary>All operators that can be executed, keyed by domain, type and since-version. This is the list; there is no other.</summary>
internal static class OperatorTable
{
    private static readonly FrozenDictionary<(string Domain, string Type), Operator[]> Rows = Index(
    [
        .. ConvolutionOperators.Rows,
        .. PoolingOperators.Rows,
        .. NormalizationOperators.Rows,
        .. ActivationOperators.Rows,
        .. SoftmaxOperators.Rows,
        .. MatrixOperators.Rows,
        .. RecurrentOperators.Rows,
        .. LossOperators.Rows,
        .. ArithmeticOperators.Rows,
        .. LogicOperators.Rows,
        .. ReductionOperators.Rows,
        .. RandomOperators.Rows,
        .. ShapeOperators.Rows,
        .. JoinOperators.Rows,
        .. PadOperators.Rows,
        .. IndexingOperators.Rows,
        .. ScatterOperators.Rows,
        .. CreationOperators.Rows,
        .. OrderingOperators.Rows,
        .. ResizeOperators.Rows,
        .. SpatialOperators.Rows,
        .. QuantizationOperators.Rows,
        .. IntegerOperators.Rows,
        .. ControlFlowOperators.Rows,
        .. LegacyOperators.Rows,
    ]);

    public static IEnumerable<Operator> All => Rows.Values.SelectMany(versions => versions);

    /// <summary>The newest row that is not above the version which the node's model imports; null when there is none.</summary>
    public static Operator? Find(OnnxNode node) =>
        Rows.TryGetValue((node.Domain, node.OpType), out Operator[]? versions)
            ? versions.LastOrDefault(row => row.Since <= node.Opset)
            : null;

    private static FrozenDictionary<(string, string), Operator[]> Index(IReadOnlyList<Operator> rows)
    {
        if (rows.GroupBy(r => (r.Domain, r.Type, r.Since)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Operator {twice.Key} stands in the table twice.");
        return rows.GroupBy(r => (r.Domain, r.Type)).ToFrozenDictionary(g => g.Key, g => g.OrderBy(r => r.Since).ToArray());
    }
}
