// A classifier that looks at its own activations before it is believed.
//
//   CheckedClassifier MODEL.onnx PICTURE…
//
// Prints the class of each picture, and warns when the class is doubtful, when a layer computes NaN or infinity, or when a
// layer that should have something to say is all zeros. Ends with 1 when there was a warning.
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using OpenCvSharp;

const double DoubtfulBelow = 0.5;

if (args is not [string model, .. { Length: > 0 } pictures])
{
    Console.Error.WriteLine("usage: CheckedClassifier MODEL.onnx PICTURE…");
    return 2;
}

try
{
    using var session = ActivationSession.Open(model);
    int warnings = 0;
    foreach (string path in pictures)
    {
        using Mat picture = PictureFile.Read(path);
        using Activations seen = session.Run(picture);
        (string label, double probability) = Classify(seen.Outputs[0], session.Model.Card.Labels);
        Console.WriteLine($"{path}: {label} {probability:P0}");
        foreach (string warning in Check(seen, probability))
        {
            Console.WriteLine($"  warning: {warning}");
            warnings++;
        }
    }

    return warnings == 0 ? 0 : 1;
}
catch (Exception fault) when (fault is CnnOnnx.BadInputException or FileNotFoundException)
{
    Console.Error.WriteLine($"error: {fault.Message}");
    return 2;
}

static (string Label, double Probability) Classify(Activation output, string[]? labels)
{
    double[] scores = [.. output.Values.ToArray().Select(v => (double)v)];
    int best = Array.IndexOf(scores, scores.Max());

    // Many models end with logits; what sums to 1 already is taken as it is.
    bool areProbabilities = scores.All(s => s is >= 0 and <= 1) && Math.Abs(scores.Sum() - 1) < 1e-3;
    double probability = areProbabilities ? scores[best] : 1 / scores.Sum(s => Math.Exp(s - scores[best]));
    return (labels is not null && best < labels.Length ? labels[best] : $"class {best}", probability);
}

static IEnumerable<string> Check(Activations seen, double probability)
{
    if (probability < DoubtfulBelow)
        yield return $"the class is doubtful: {probability:P0} is below {DoubtfulBelow:P0}";
    foreach (Activation layer in seen)
    {
        if (!layer.Statistics.IsFinite)
            yield return $"layer '{layer.Name}' ({layer.Op}) has {layer.Statistics.NanCount} NaN and "
                + $"{layer.Statistics.PositiveInfinityCount + layer.Statistics.NegativeInfinityCount} infinite values";
        else if (layer.Statistics.ZeroShare == 1)
            yield return $"layer '{layer.Name}' ({layer.Op}) is dead: all {layer.Statistics.Count} values are 0";
    }
}
