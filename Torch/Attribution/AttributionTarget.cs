namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// The scalar that is explained, resolved for one run of a model: a weighted sum of elements of the model's tensors.
/// Classes, differences of two classes, boxes, regions and single numbers are all of this form.
/// </summary>
/// <param name="Name">Short name for files and headings, "tabby" or "tabby−kit fox".</param>
/// <param name="Description">What was differentiated, in words: "logit of class 281 'tabby' in 'fc', before Softmax".</param>
/// <param name="Terms">Elements and their weights; at least one.</param>
public sealed record AttributionTarget(string Name, string Description, IReadOnlyList<TargetTerm> Terms)
{
    /// <summary>Nodes that the elements were found back through, in words; null where they were named as they are.</summary>
    public string? Trace { get; init; }
}

/// <summary>One element of a tensor in a target.</summary>
/// <param name="Tensor">Name of a tensor of the graph, any of it, not only outputs.</param>
/// <param name="Index">One number per axis, from 0; the first axis is the batch where the tensor has one.</param>
/// <param name="Weight">Factor in the sum: 1, −1 for what is subtracted, 1/n for a mean over a region.</param>
public readonly record struct TargetTerm(string Tensor, IReadOnlyList<long> Index, float Weight);
