using System.Numerics.Tensors;
using CnnOnnx.Inference;
using OpenCvSharp;

namespace CnnOnnx.Compare;

/// <summary>How often two classifiers agree, while inputs come in.</summary>
internal sealed class PredictionState
{
    private const int MostPictures = 60, PictureSide = 160;

    private readonly List<PredictionFlip> _flips = [];
    private int _same, _inputs;

    /// <summary>Classes that the models think most likely of the first input.</summary>
    public IReadOnlyList<ScorePair> Scores { get; private set; } = [];

    /// <summary>
    /// Takes in a run of each model: the last pair of outputs that are a row of numbers, or where none are paired, as when one model ends
    /// in a Softmax, the first row of each.
    /// </summary>
    /// <param name="a">Run of the first model.</param>
    /// <param name="b">Run of the second model on the same input.</param>
    /// <param name="pairs">Pairs of tensors.</param>
    /// <param name="labels">Names of the classes; null where there are none.</param>
    /// <param name="name">Name of the input; empty for none.</param>
    /// <param name="picture">The input as it was given; null for tensors.</param>
    public void Add(Activations a, Activations b, IReadOnlyList<TensorPair> pairs, IReadOnlyList<string>? labels, string name,
        Mat? picture)
    {
        int input = _inputs++;
        TensorPair? scores = pairs.LastOrDefault(p => a.Outputs.Any(o => o.Name == p.A && ScoreReader.IsRow(o.Shape))
            && b.Outputs.Any(o => o.Name == p.B));
        Activation? rowA = scores is not null ? a[scores.A] : a.Outputs.FirstOrDefault(o => ScoreReader.IsRow(o.Shape));
        Activation? rowB = scores is not null ? b[scores.B] : b.Outputs.FirstOrDefault(o => ScoreReader.IsRow(o.Shape));
        if (rowA is null || rowB is null || rowA.Shape.Count != rowB.Shape.Count)
            return;
        ReadOnlySpan<float> left = rowA.Values, right = rowB.Values;
        if (input == 0)
            Scores = ScoreReader.Of(left, right, labels);
        int classA = TensorPrimitives.IndexOfMax(left), classB = TensorPrimitives.IndexOfMax(right);
        if (classA == classB)
            _same++;
        else
            _flips.Add(new PredictionFlip(input, name, classA, classB, ScoreReader.LabelOf(classA, left.Length, labels),
                ScoreReader.LabelOf(classB, left.Length, labels),
                picture is null || _flips.Count >= MostPictures ? null : InputPicture.Jpeg(picture, PictureSide)));
    }

    /// <summary>The agreement so far; null where no output is a row of scores.</summary>
    public Agreement? Result() => _same + _flips.Count > 0 ? new Agreement(_same, _flips) : null;
}
