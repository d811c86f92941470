namespace CnnOnnx.Torch.Attribution;

/// <summary>Scores of all classes in a run.</summary>
/// <param name="Output">Where the scores stand.</param>
/// <param name="Ranked">All classes, the one that wins first.</param>
/// <param name="Applied">Function that makes probabilities of the scores, in words.</param>
internal sealed record ClassReading(ClassOutput Output, IReadOnlyList<ReadClass> Ranked, string Applied)
{
    /// <summary>Reads the classes of a run; of a map, the share of the places at which each wins.</summary>
    /// <param name="output">Where the scores stand.</param>
    /// <param name="scene">The run.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <returns>Null where the run did not keep the scores.</returns>
    public static ClassReading? Of(ClassOutput output, TargetScene scene, LabelIndex labels)
    {
        if (scene.FloatsOf(output.Logits) is not { } scores)
            return null;
        if (output.Map is not null)
        {
            int[] winners = WinnersOf(output, scene)!;
            double[] shares = new double[output.Classes];
            foreach (int winner in winners)
                shares[winner] += 1.0 / winners.Length;
            return new ClassReading(output, Rank(shares, shares, labels), "share of the places at which it wins");
        }

        double[] own = [.. Enumerable.Range(0, output.Classes).Select(index => (double)scores[Place(output, index, 0, 0)])];
        bool isSigmoid = output.Behind?.StartsWith("Sigmoid", StringComparison.Ordinal) == true || output.Classes == 1;
        double[] probabilities = isSigmoid ? Array.ConvertAll(own, score => 1 / (1 + Math.Exp(-score))) : Softmax(own);
        // A model may end in probabilities that no softmax of the graph made.
        bool areProbabilities = output.Behind is null && own.All(score => score is >= 0 and <= 1) && Math.Abs(own.Sum() - 1) < 1e-3;
        return areProbabilities ? new ClassReading(output, Rank(own, own, labels), "as the model gives it")
            : new ClassReading(output, Rank(own, probabilities, labels), isSigmoid ? "sigmoid of the score" : "softmax of the scores");
    }

    /// <summary>The class that wins at each place of a map, row by row; null without a map or its values.</summary>
    public static int[]? WinnersOf(ClassOutput output, TargetScene scene)
    {
        if (output.Map is not var (rows, columns) || scene.FloatsOf(output.Logits) is not { } scores)
            return null;
        int height = (int)output.Shape[rows], width = (int)output.Shape[columns];
        int[] winners = new int[height * width];
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                for (int index = 1; index < output.Classes; index++)
                    if (scores[Place(output, index, row, column)]
                        > scores[Place(output, winners[row * width + column], row, column)])
                        winners[row * width + column] = index;
        return winners;
    }

    private static long Place(ClassOutput output, int index, int row, int column)
    {
        long[] at = output.IndexOf(index, row, column);
        long place = 0;
        for (int axis = 0; axis < at.Length; axis++)
            place = place * output.Shape[axis] + at[axis];
        return place;
    }

    private static ReadClass[] Rank(double[] scores, double[] probabilities, LabelIndex labels) =>
        [.. Enumerable.Range(0, scores.Length).OrderByDescending(index => scores[index])
            .Select(index => new ReadClass(index, labels.Short(index), scores[index], probabilities[index]))];

    private static double[] Softmax(double[] scores)
    {
        double largest = scores.Max();
        double[] powers = Array.ConvertAll(scores, score => Math.Exp(score - largest));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, power => power / sum);
    }
}

/// <summary>One class in a run.</summary>
/// <param name="Index">Index of the class, from 0.</param>
/// <param name="Label">Short name.</param>
/// <param name="Score">Score before softmax or sigmoid.</param>
/// <param name="Probability">Probability, 0 to 1.</param>
internal sealed record ReadClass(int Index, string Label, double Score, double Probability);
