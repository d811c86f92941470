namespace CnnOnnx.Onnx;

/// <summary>The tensors that a selection chose, in graph order, and why others were left out.</summary>
/// <param name="Chosen">Tensor names.</param>
/// <param name="LeftOut">Reason → how many tensors it took; only reasons that took some.</param>
public sealed record SelectionResult(IReadOnlyList<string> Chosen, IReadOnlyList<KeyValuePair<string, int>> LeftOut)
{
    /// <summary>One line: "65 of 96 tensors (31 constants)".</summary>
    public override string ToString()
    {
        int all = Chosen.Count + LeftOut.Sum(l => l.Value);
        string reasons = string.Join(", ", LeftOut.Select(l => $"{l.Value} {l.Key}"));
        return reasons.Length == 0 ? $"{all} tensors" : $"{Chosen.Count} of {all} tensors (left out: {reasons})";
    }
}
