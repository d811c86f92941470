namespace CnnOnnx.Torch.Training;

/// <summary>
/// Divides a set for a training: pictures to learn from, to choose the best epoch on and to test with. Validation pictures that the set
/// does not have are held out from those to learn from; test pictures choose nothing.
/// </summary>
/// <typeparam name="TPart">A part of the set.</typeparam>
/// <param name="folder">The set, for messages.</param>
/// <param name="parts">Parts by their names: train, val, test, or all where it is not divided.</param>
/// <param name="split">Divides a part: a share 0..1 of it, chosen by a seed, becomes the second.</param>
internal sealed class SetDivision<TPart>(string folder, (string Name, TPart Part)[] parts, Func<TPart, double, int, (TPart, TPart)> split)
    where TPart : class
{
    // Of a set that is not divided at all, and of the training pictures of one that has pictures to test with.
    private const double UsualShare = 0.2, UsualShareBesideTest = 0.1;

    /// <summary>The parts for one training.</summary>
    /// <param name="share">Share 0..1 of the pictures to hold out; 0 for none, null for the usual one.</param>
    /// <param name="seed">Seed of the choice of pictures.</param>
    /// <exception cref="BadInputException">A share of a set with validation pictures of its own, or nothing to learn from.</exception>
    public (TPart Train, TPart Validation, TPart? Test) ForTraining(double? share, int seed)
    {
        TPart whole = Find("train") ?? Find(PictureFolder.Undivided)
            ?? throw new BadInputException($"{folder}: has only {Names}, expected pictures to train with");
        TPart? test = Find(PictureFolder.Test);
        if (Find("val") is { } own)
            return share is null
                ? (whole, own, test)
                : throw new BadInputException($"{folder}: is split into {Names}; a share is held out of a data set without validation "
                    + "pictures of its own")
                {
                    Remedy = Remedy.HoldOutOthers,
                };
        if (share == 0)
            return test is not null
                ? (whole, test, test)
                : throw new BadInputException($"{folder}: has no test pictures, so some have to be held out to measure with; got a "
                    + "share of 0, expected one above")
                {
                    Remedy = Remedy.HoldOutOthers,
                };
        (TPart train, TPart heldOut) = split(whole, share ?? (test is null ? UsualShare : UsualShareBesideTest), seed);
        return (train, heldOut, test);
    }

    /// <summary>The part to measure a trained network with.</summary>
    /// <param name="name">A part's name; null for the test part, or else what there is.</param>
    /// <exception cref="BadInputException">No such part.</exception>
    public TPart ForEvaluation(string? name) => name is null
        ? Find(PictureFolder.Test) ?? Find("val") ?? parts[0].Part
        : Find(name) ?? throw new BadInputException($"{folder}: has no part '{name}', only {Names}");

    private string Names => string.Join(" and ", parts.Select(p => p.Name));

    private TPart? Find(string name) => Array.Find(parts, part => part.Name == name).Part;
}
