using CnnOnnx.Detection;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Compare;

/// <summary>Boxes of two detectors while pictures come in. Models that are no detectors cost nothing but a look.</summary>
internal sealed class BoxState(OnnxModel a, OnnxModel b)
{
    private const int MostPictures = 12, PictureSide = 640;

    private readonly List<(int Weight, BoxPicture Picture)> _pictures = [];
    private DetectionReader? _readerA = ReaderOf(a, null), _readerB = ReaderOf(b, null);
    private int _countA, _countB, _matched, _flips;
    private double _shifts, _mostShift, _overlaps, _leastOverlap = 1, _scores, _mostScore;
    private bool _hasLooked, _hasRead;

    /// <summary>How the detectors' pictures become their inputs, where nothing else says it.</summary>
    public (PreprocessingGuess? A, PreprocessingGuess? B) Conventions =>
        ((_readerA ?? _readerB)?.Convention, (_readerB ?? _readerA)?.Convention);

    /// <summary>Takes in a run of each model on a picture.</summary>
    public void Add(Activations runA, Activations runB, Mat picture, string name)
    {
        if (!_hasLooked)
            (_readerA, _readerB, _hasLooked) = (_readerA ?? ReaderOf(a, runA), _readerB ?? ReaderOf(b, runB), true);
        if (!CanRead(_readerA, runA) || !CanRead(_readerB, runB))
            return;
        _hasRead = true;
        Detections left = _readerA!.Read(runA, picture.Size()), right = _readerB!.Read(runB, picture.Size());
        (IReadOnlyList<BoxPair> pairs, IReadOnlyList<DetectedBox> lost, IReadOnlyList<DetectedBox> added) =
            BoxMatching.Of(left.Boxes, right.Boxes);
        Count(pairs, left.Boxes.Length, right.Boxes.Length);
        Keep(picture, name, pairs, lost, added);
    }

    /// <summary>The result over all pictures so far; null where not both models are detectors, or no picture was given.</summary>
    public BoxComparison? Result() => !_hasRead ? null : new BoxComparison
    {
        CountA = _countA,
        CountB = _countB,
        Matched = _matched,
        ClassFlips = _flips,
        MeanShift = _shifts / Math.Max(1, _matched),
        LargestShift = _mostShift,
        MeanOverlap = _matched == 0 ? 1 : _overlaps / _matched,
        SmallestOverlap = _leastOverlap,
        MeanScoreChange = _scores / Math.Max(1, _matched),
        LargestScoreChange = _mostScore,
        Pictures = [.. _pictures.Select(p => p.Picture)],
    };

    // A head that nobody knows, or a broken card, is no fault of a comparison of tensors.
    private static DetectionReader? ReaderOf(OnnxModel model, Activations? run)
    {
        try
        {
            return DetectionReader.Find(model, null, run);
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private static bool CanRead(DetectionReader? reader, Activations run) => reader is not null && run.Preprocessing is not null
        && reader.Tensors.All(name => run.Any(tensor => tensor.Name == name));

    private void Count(IReadOnlyList<BoxPair> pairs, int boxesA, int boxesB)
    {
        (_countA, _countB, _matched) = (_countA + boxesA, _countB + boxesB, _matched + pairs.Count);
        foreach (BoxPair pair in pairs)
        {
            double score = Math.Abs(pair.A.Score - pair.B.Score);
            _flips += pair.ChangesClass ? 1 : 0;
            (_shifts, _mostShift) = (_shifts + pair.Shift, Math.Max(_mostShift, pair.Shift));
            (_overlaps, _leastOverlap) = (_overlaps + pair.Overlap, Math.Min(_leastOverlap, pair.Overlap));
            (_scores, _mostScore) = (_scores + score, Math.Max(_mostScore, score));
        }
    }

    // The worst pictures, in order; a picture that shows nothing only until a better one comes.
    private void Keep(Mat picture, string name, IReadOnlyList<BoxPair> pairs, IReadOnlyList<DetectedBox> lost,
        IReadOnlyList<DetectedBox> added)
    {
        int weight = lost.Count + added.Count + pairs.Count(p => p.ChangesClass);
        if (weight == 0 ? _pictures.Count > 0 || pairs.Count == 0 : _pictures.Count == MostPictures && _pictures[^1].Weight >= weight)
            return;
        _pictures.RemoveAll(p => p.Weight == 0);
        int place = _pictures.FindIndex(p => p.Weight < weight);
        _pictures.Insert(place < 0 ? _pictures.Count : place, (weight, new BoxPicture(Path.GetFileName(name), picture.Width,
            picture.Height, InputPicture.Jpeg(picture, PictureSide), pairs, lost, added)));
        if (_pictures.Count > MostPictures)
            _pictures.RemoveAt(MostPictures);
    }
}
