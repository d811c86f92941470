using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>A part of a set of boxes: its labels are read, the pictures are still in their files.</summary>
/// <param name="Name">train, val, test, held-out or all.</param>
/// <param name="Classes">Class names in the order of their indices.</param>
/// <param name="Pictures">Pictures with their boxes.</param>
internal sealed record BoxSetPart(string Name, string[] Classes, BoxPicture[] Pictures)
{
    /// <summary>Opens the pictures, to be read as batches. The caller disposes the source.</summary>
    /// <param name="spec">Size, channels and way of resizing of the network's input.</param>
    public BoxSource Open(InputSpec spec) => new(spec, Classes, Pictures);

    /// <summary>Two parts, at least one picture in each; a seed says which picture is in which.</summary>
    /// <param name="share">Share of the pictures in the second part, between 0 and 1.</param>
    /// <param name="seed">Seed of the choice of pictures.</param>
    /// <exception cref="BadInputException">There is one picture only.</exception>
    public (BoxSetPart First, BoxSetPart Second) Split(double share, int seed)
    {
        if (Pictures.Length < 2)
            throw new BadInputException($"{Pictures[0].Path}: is the only picture, expected at least two, to train with and to "
                + "validate with");
        int[] order = [.. Enumerable.Range(0, Pictures.Length)];
        new Random(seed).Shuffle(order);
        int taken = Math.Clamp((int)Math.Round(share * order.Length), 1, order.Length - 1);
        return (Only("train", order[taken..]), Only("held-out", order[..taken]));
    }

    private BoxSetPart Only(string name, int[] indices) =>
        this with { Name = name, Pictures = [.. indices.Order().Select(i => Pictures[i])] };
}
