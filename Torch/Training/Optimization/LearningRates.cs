using System.Globalization;
using System.IO.Enumeration;

namespace CnnOnnx.Torch.Training;

/// <summary>Rules for the learning rates of parts of a network, as factors of the training's own.</summary>
/// <param name="Backbone">Factor for everything in front of the classifier.</param>
/// <param name="LayerDecay">Further factor for each block on the way back from the classifier.</param>
/// <param name="Named">Rows GLOB=FACTOR for parameters by name, in place of all else; of several, the last one counts.</param>
internal sealed record RateRules(double Backbone, double LayerDecay, IReadOnlyList<string> Named)
{
    private const double Most = 1000;

    /// <summary>True when every parameter takes steps of the same size.</summary>
    public bool AreEqual => Backbone == 1 && LayerDecay == 1 && Named.Count == 0;

    /// <exception cref="BadInputException">A factor that is out of its range, or a row that is none.</exception>
    public RateRules Checked()
    {
        if (!(LayerDecay is > 0 and <= 1))
            throw new BadInputException($"the decay of the learning rate from block to block is {LayerDecay}, expected a number above 0 "
                + "and at most 1");
        foreach (string row in Named)
            _ = Parse(row);
        return this;
    }

    /// <summary>Glob and factor of a row.</summary>
    /// <exception cref="BadInputException">It is not GLOB=FACTOR, or the factor is out of its range.</exception>
    public static (string Glob, double Factor) Parse(string row)
    {
        int at = row.LastIndexOf('=');
        return at > 0 && double.TryParse(row.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double factor)
            && factor is > 0 and <= Most
            ? (row[..at], factor)
            : throw new BadInputException($"the learning rate of a part is '{row}', expected NAME=FACTOR, with * and ? for any characters "
                + $"of the name and a factor above 0 and at most {Most}");
    }
}

/// <summary>Parameters that take steps of the same size.</summary>
/// <param name="Name">Name of the group: block 3, classifier, or the row that names it.</param>
/// <param name="Weights">Names of the parameters.</param>
/// <param name="Numbers">Number of their elements.</param>
/// <param name="Factor">Factor of the training's learning rate.</param>
internal sealed record RateGroup(string Name, IReadOnlyList<string> Weights, long Numbers, double Factor)
{
    /// <summary>What the parameters' names begin with, and how many there are, such as "features.3.* (9)".</summary>
    public string Title
    {
        get
        {
            if (Weights is [var only])
                return only;
            string[][] parts = [.. Weights.Select(name => name.Split('.'))];
            int alike = Enumerable.Range(0, parts.Min(p => p.Length) - 1).TakeWhile(i => parts.All(p => p[i] == parts[0][i])).Count();
            return alike == 0 ? $"{Weights[0]} … {Weights[^1]} ({Weights.Count})"
                : $"{string.Join('.', parts[0][..alike])}.* ({Weights.Count})";
        }
    }
}

/// <summary>Learning rates of a network's parameters, group by group.</summary>
/// <param name="Groups">Groups from the input on; every parameter that is trained is in one of them.</param>
internal sealed record LearningRates(IReadOnlyList<RateGroup> Groups)
{
    private const string Classifier = "classifier", Backbone = "backbone", All = "all";

    /// <summary>Factors of the learning rate by the parameter's name.</summary>
    public IReadOnlyDictionary<string, double> Factors { get; } =
        Groups.SelectMany(group => group.Weights.Select(name => (name, group.Factor))).ToDictionary(p => p.name, p => p.Factor);

    /// <summary>Groups the parameters of a network by rules.</summary>
    /// <param name="parameters">Names and numbers of elements of the parameters that are trained, in the network's order.</param>
    /// <param name="backbone">Names of the parameters in front of the classifier.</param>
    /// <param name="blocks">Names of the parameters of each block, from the input to the classifier; null where it is not known.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="source">Name of the model, for messages.</param>
    /// <exception cref="BadInputException">A row that no parameter has the name of, or a decay where no classifier is known.</exception>
    public static LearningRates Of(IReadOnlyList<(string Name, long Numbers)> parameters, IReadOnlySet<string> backbone,
        IReadOnlyList<IReadOnlyList<string>>? blocks, RateRules rules, string source)
    {
        (string Row, string Glob, double Factor)[] named = [.. rules.Named.Select(row =>
            (row, RateRules.Parse(row).Glob, RateRules.Parse(row).Factor))];
        foreach ((_, string glob, _) in named)
            if (!parameters.Any(p => Matches(glob, p.Name)))
                throw new BadInputException($"'{glob}' is the name of no parameter that is trained, so nothing gets its learning rate; "
                    + $"this network has {string.Join(", ", parameters.Take(8).Select(p => p.Name))}{(parameters.Count > 8 ? ", …" : "")}")
                {
                    Remedy = Remedy.RateOthers,
                };
        if (rules.LayerDecay != 1 && blocks is null)
            throw new BadInputException($"{source}: its classifier is not known, so there are no blocks in front of it whose learning rate "
                + "could fall from one to the next; expected rates by the names of parameters")
            {
                Remedy = Remedy.RateOthers,
            };
        var blockOf = new Dictionary<string, int>();
        for (int i = 0; rules.LayerDecay != 1 && i < blocks!.Count; i++)
            foreach (string name in blocks[i])
                blockOf[name] = i;
        (string Group, double Factor) Place(string name)
        {
            if (Array.FindLast(named, n => Matches(n.Glob, name)) is { Row: not null } row)
                return (row.Row, row.Factor);
            return blockOf.TryGetValue(name, out int block)
                ? ($"block {block + 1}", rules.Backbone * Math.Pow(rules.LayerDecay, blocks!.Count - block))
                : backbone.Contains(name) ? (Backbone, rules.Backbone)
                : (backbone.Count == 0 ? All : Classifier, 1);
        }

        return new LearningRates([.. parameters.GroupBy(p => Place(p.Name)).Select(group => new RateGroup(
            group.Key.Group, [.. group.Select(p => p.Name)], group.Sum(p => p.Numbers), group.Key.Factor))]);
    }

    private static bool Matches(string glob, string name) => FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false);
}
