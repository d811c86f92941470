using System.Buffers;
using CnnOnnx.Inference;

namespace CnnOnnx.Detection;

/// <summary>Reads the boxes of a head that score above a threshold, in the order of levels, rows and classes.</summary>
internal sealed class HeadDecoder(Activations seen, double threshold, bool everyClass)
{
    // Rows that are compared class by class together: a plane of a class is read in stretches, not an element at a time.
    private const int Stretch = 512;

    private readonly List<Candidate> _found = [];

    /// <summary>Decodes the levels of one picture.</summary>
    /// <param name="levels">Levels of the head.</param>
    /// <param name="seen">A run on one picture, with the head's tensors.</param>
    /// <param name="threshold">Scores have to be above it.</param>
    /// <param name="everyClass">Each class above the threshold is a box of its own; when false only a row's best.</param>
    /// <exception cref="BadInputException">A tensor of the run has fewer elements than the layout says.</exception>
    public static List<Candidate> Decode(IReadOnlyList<HeadLevel> levels, Activations seen, double threshold, bool everyClass)
    {
        var decoder = new HeadDecoder(seen, threshold, everyClass);
        for (int index = 0; index < levels.Count; index++)
        {
            HeadLevel level = levels[index];
            if (level.Chosen is not null)
                decoder.AddChosen(level, index);
            else if (level.Label is not null || everyClass || level.ClassActivation == ScoreActivation.Softmax)
                decoder.AddRows(level, index);
            else
                decoder.AddBest(level, index);
        }

        return decoder._found;
    }

    // Only the best class of a row can become a box, and a sigmoid does not change which one that is.
    private void AddBest(HeadLevel level, int index)
    {
        ReadOnlySpan<float> scores = Values(level.Classes, level.Rows);
        Span<float> best = stackalloc float[Stretch];
        Span<int> column = stackalloc int[Stretch];
        for (int from = 0; from < level.Rows; from += Stretch)
        {
            int rows = Math.Min(Stretch, level.Rows - from);
            best[..rows].Fill(float.NegativeInfinity);
            column[..rows].Clear();
            // The inner loop goes along what lies side by side.
            if (level.Classes.ColumnStep > level.Classes.RowStep)
            {
                for (int c = 0; c < level.Classes.Count; c++)
                {
                    int at = (int)level.Classes.Element(from, c), step = (int)level.Classes.RowStep;
                    for (int r = 0; r < rows; r++, at += step)
                        if (scores[at] > best[r])
                            (best[r], column[r]) = (scores[at], c);
                }
            }
            else
            {
                for (int r = 0; r < rows; r++)
                {
                    int at = (int)level.Classes.Element(from + r, 0), step = (int)level.Classes.ColumnStep;
                    for (int c = 0; c < level.Classes.Count; c++, at += step)
                        if (scores[at] > best[r])
                            (best[r], column[r]) = (scores[at], c);
                }
            }

            for (int r = 0; r < rows; r++)
                Add(level, index, from + r, column[r], column[r], Activate(level.ClassActivation, best[r]));
        }
    }

    private void AddRows(HeadLevel level, int index)
    {
        ReadOnlySpan<float> scores = Values(level.Classes, level.Rows);
        int columns = level.Classes.Count;
        double[] shares = ArrayPool<double>.Shared.Rent(columns + level.Background);
        for (int row = 0; row < level.Rows; row++)
        {
            if (level.Label is { } label)
            {
                double number = Math.Round(Values(label, level.Rows)[(int)label.Element(row, 0)]) - level.FirstClass;
                // What is no class, and rows that only fill up.
                if (number is >= 0 and < int.MaxValue)
                    Add(level, index, row, 0, (int)number, Activate(level.ClassActivation, scores[(int)level.Classes.Element(row, 0)]));
                continue;
            }

            Span<double> own = Shares(level, scores, row, shares);
            int best = BestOf(own);
            for (int c = everyClass ? 0 : best; c <= (everyClass ? columns - 1 : best); c++)
                Add(level, index, row, c, c, own[c]);
        }

        ArrayPool<double>.Shared.Return(shares);
    }

    // The first of equal ones.
    private static int BestOf(ReadOnlySpan<double> shares)
    {
        int best = 0;
        for (int c = 1; c < shares.Length; c++)
            if (shares[c] > shares[best])
                best = c;
        return best;
    }

    /// <summary>Scores of the classes of a row, background left out.</summary>
    internal static Span<double> Shares(HeadLevel level, ReadOnlySpan<float> scores, int row, double[] shares)
    {
        int all = level.Classes.Count + level.Background;
        double largest = double.NegativeInfinity, sum = 0;
        for (int i = 0; i < all; i++)
        {
            shares[i] = scores[(int)level.Classes.Element(row, i - level.Background)];
            largest = Math.Max(largest, shares[i]);
        }

        for (int i = 0; i < all; i++)
            if (level.ClassActivation == ScoreActivation.Softmax)
                sum += shares[i] = Math.Exp(shares[i] - largest);
            else
                shares[i] = Activate(level.ClassActivation, shares[i]);
        for (int i = 0; sum > 0 && i < all; i++)
            shares[i] /= sum;
        return shares.AsSpan(level.Background, level.Classes.Count);
    }

    // Rows are those that the graph's own suppression kept: batch, class, row of the boxes.
    private void AddChosen(HeadLevel level, int index)
    {
        ElementColumns chosen = level.Chosen!.Value;
        ReadOnlySpan<float> kept = Values(chosen, level.Rows), scores = seen[level.Classes.Tensor].Values;
        long boxes = seen[level.Box.Tensor].Shape.Count / level.Box.Count;
        for (int i = 0; i < level.Rows; i++)
        {
            int column = (int)kept[(int)chosen.Element(i, 1)], row = (int)kept[(int)chosen.Element(i, 2)];
            // A model that fills its list up writes −1.
            if (row >= 0 && row < boxes && column >= 0 && column < level.Classes.Count)
                Add(level, index, row, column, column, scores[(int)level.Classes.Element(row, column)]);
        }
    }

    private void Add(HeadLevel level, int index, int row, int column, int category, double share)
    {
        double score = share;
        if (level.Objectness is { } objectness)
        {
            // It cannot get better than the class's share, or its root.
            if (!(level.Score(1, share) > threshold))
                return;
            double raw = Values(objectness, level.Rows)[(int)objectness.Element(row, 0)];
            score = level.Score(Activate(level.ObjectnessActivation, raw), share);
        }

        if (!(score > threshold) || !double.IsFinite(score))
            return;
        ReadOnlySpan<float> values = seen[level.Box.Tensor].Values;
        Span<float> numbers = stackalloc float[level.Box.Count];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = values[(int)level.Box.Element(row, i)];
        BoxCorners box = level.Rule(row, numbers);
        if (box.HasArea)
            _found.Add(new Candidate(box, score, category, index, row, column));
    }

    /// <summary>Turns a network's number into a share of 1.</summary>
    internal static double Activate(ScoreActivation activation, double value) =>
        activation == ScoreActivation.Sigmoid ? BoxRules.Sigmoid(value) : value;

    private ReadOnlySpan<float> Values(ElementColumns columns, int rows)
    {
        Activation tensor = seen[columns.Tensor];
        if (rows > 0 && columns.Element(rows - 1, columns.Count - 1) >= tensor.Shape.Count)
            throw new BadInputException(
                $"output '{columns.Tensor}' is {tensor.Shape}, fewer elements than {rows} boxes have in its layout");
        return tensor.Values;
    }
}
