using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>The parts of a set of boxes, opened for a training.</summary>
internal static class BoxTrainingData
{
    /// <summary>Opens pictures to learn from, to validate and to test with. The caller disposes them.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="spec">Size, channels and way of resizing of the network's input.</param>
    /// <param name="options">Share that is held out, seed, and augmentation.</param>
    /// <exception cref="BadInputException">Nothing to learn from, or an augmentation that does not work on boxes.</exception>
    public static TrainingData Open(BoxFolder folder, InputSpec spec, TrainingOptions options)
    {
        (BoxSetPart train, BoxSetPart validation, BoxSetPart? test) = folder.ForTraining(options.ValidationShare, options.Seed);
        var augmentation = Augmentation.Parse(options.Augment);
        var report = new DataReport(folder.Name, train.Pictures.Length, validation.Pictures.Length, validation.Name,
            test?.Pictures.Length ?? 0, folder.Classes);
        BoxSource measured = validation.Open(spec);
        return new TrainingData(report, Learned(train.Open(spec)), measured,
            test is null ? null : test == validation ? measured : test.Open(spec));

        BoxSource Learned(BoxSource source)
        {
            source.Augmentation = augmentation;
            return source;
        }
    }
}
