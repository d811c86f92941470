using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;

namespace CnnOnnx.Torch.Training;

/// <summary>Counts of a network's numbers that are trained, and of those that are not, with the reasons.</summary>
/// <param name="Trained">Numbers that a training changes.</param>
/// <param name="All">
/// Numbers that are trained and numbers that stay as they are; without running statistics and single numbers of formulas.
/// </param>
/// <param name="NotTrained">Tensors that stay: a name and the reason, as the end of a sentence that begins with the name.</param>
internal sealed record ParameterCount(long Trained, long All, IReadOnlyList<(string Name, string Reason)> NotTrained)
{
    private const int MostNamed = 6;

    /// <summary>Counts the numbers of a network that is ready to be trained.</summary>
    public static ParameterCount Of(OnnxModule module)
    {
        long trained = 0, frozen = 0;
        var notTrained = new List<(string, string)>();
        foreach ((string name, TorchSharp.Modules.Parameter weight) in module.named_parameters())
        {
            if (weight.requires_grad)
            {
                trained += weight.numel();
                continue;
            }

            frozen += weight.numel();
            notTrained.Add((name, "is frozen"));
        }

        // bounds, exponents and epsilons are part of a formula, and what a Resize is given beside its maps says a size
        HashSet<string> sizes = [.. module.Model.Graph.Nodes
            .Where(n => n.OpType is "Resize" or "Upsample").SelectMany(n => n.Inputs.Skip(1))];
        UntrainedTensor[] others =
            [.. TensorRoles.Untrained(module.Model).Where(u => u.Tensor.Shape.Count > 1 && !sizes.Contains(u.Tensor.Name))];
        notTrained.AddRange(others.Select(u => (u.Tensor.Name, u.Reason)));
        return new ParameterCount(trained, trained + frozen + others.Sum(u => u.Tensor.Shape.Count), notTrained);
    }

    /// <summary>
    /// One line, such as "1,440 of 1,446 parameters are trained; not trained: mean (shifts or scales the input, in Sub 'norm')".
    /// </summary>
    public override string ToString()
    {
        string[] named = [.. NotTrained.Take(MostNamed).Select(n => $"{n.Name} ({n.Reason})")];
        string more = NotTrained.Count > MostNamed ? $" and {NotTrained.Count - MostNamed} more" : "";
        return $"{Trained:N0} of {All:N0} parameters are trained"
            + (NotTrained.Count == 0 ? "" : $"; not trained: {string.Join(", ", named)}{more}");
    }
}
