using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Einsum: sums of products by Einstein's notation, such as "bij,bjk->bik".</summary>
internal static class Einsum
{
    // Stands for an ellipsis, so that every label is one character.
    private const char Rest = '.';

    public static OperatorFunction Prepare(OnnxNode node)
    {
        string equation = node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        string[] sides = equation.Replace("...", $"{Rest}", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != node.Inputs.Length || terms.Concat(sides[1..]).Any(term => !IsWellFormed(term)))
            throw node.Error($"attribute 'equation' is '{equation}', expected labels for {node.Inputs.Length} operands");
        string output = sides.Length > 1 ? sides[1]
            : string.Concat(sides[0].Where(label => label == Rest || sides[0].Count(other => other == label) == 1));
        return operands =>
        {
            Tensor[] factors = [.. Enumerable.Range(0, terms.Length).Select(i => operands[i])];
            Dictionary<char, long> sizes = SizesOf(operands, terms);
            // Operands are multiplied one after the other; a label is summed when nobody behind needs it.
            string product = terms[0];
            for (int i = 1; i < terms.Length; i++)
            {
                string needed = string.Concat(terms[(i + 1)..]) + output;
                product = string.Concat(product.Union(terms[i]).Where(needed.Contains));
                Budget.Require(node, factors[0].dtype, [.. product.Select(label => sizes[label])]);
            }

            return [einsum(equation, factors)];
        };
    }

    private static bool IsWellFormed(string term) =>
        term.All(c => char.IsAsciiLetter(c) || c == Rest) && term.Count(c => c == Rest) <= 1;

    /// <summary>The size of each label; for an ellipsis, the number of cells that it covers at most.</summary>
    private static Dictionary<char, long> SizesOf(Operands operands, string[] terms)
    {
        var sizes = new Dictionary<char, long>();
        for (int i = 0; i < terms.Length; i++)
        {
            string labels = terms[i];
            long[] shape = operands[i].shape;
            int named = labels.Count(label => label != Rest), covered = shape.Length - named;
            if (covered < 0 || (covered > 0 && named == labels.Length))
                throw operands.Fault($"operand {i} has {shape.Length} axes, but its labels are '{labels.Replace($"{Rest}", "...")}'");
            int axis = 0;
            foreach (char label in labels)
            {
                int axes = label == Rest ? covered : 1;
                long size = new TensorShape(shape.AsSpan(axis, axes)).Count, known = sizes.GetValueOrDefault(label, 1);
                if (label != Rest && known != size && known != 1 && size != 1)
                    throw operands.Fault($"label '{label}' stands for sizes {known} and {size}");
                sizes[label] = Math.Max(size, known);
                axis += axes;
            }
        }

        return sizes;
    }
}
