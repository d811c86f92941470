using CnnOnnx.Cli;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Training;

/// <summary>Opens sets of boxes for a training.</summary>
internal static class BoxLoading
{
    // Pixels that the sides of a detector's input are multiples of.
    private const int Step = 32;

    /// <summary>Opens the parts of a set for a training. The caller disposes them.</summary>
    /// <exception cref="BadInputException">No such set, no boxes in it, or nothing to learn from.</exception>
    public static TrainingData Open(TrainingPlan plan, Terminal terminal)
    {
        var folder = BoxFolder.Open(plan.Data);
        foreach (string remark in folder.Remarks)
            terminal.Note(remark);
        TrainingData data = BoxTrainingData.Open(folder, plan.Input, plan.Options);
        if (plan.Options.Boxes is { MultiScale: > 1 and var factor })
            ((BoxSource)data.Train).Scales = MultiScale.SidesOf(plan.Input.Width, factor, Step);
        return data;
    }

    /// <summary>Sizes of the boxes to learn from, in pixels of the network's input.</summary>
    /// <param name="data">A set of boxes.</param>
    /// <param name="input">Size of the input, and way of resizing.</param>
    public static IReadOnlyList<BoxSize> SizesIn(TrainingData data, InputSpec input)
    {
        var source = (BoxSource)data.Train;
        return [.. Enumerable.Range(0, source.Count).SelectMany(i =>
        {
            PicturePlacement placed = PicturePlacement.Of(source.SizeOf(i), input);
            double x = (double)placed.Target.Width / placed.Source.Width, y = (double)placed.Target.Height / placed.Source.Height;
            return source.BoxesOf(i).Select(box => new BoxSize(box.Width * x, box.Height * y));
        })];
    }
}
