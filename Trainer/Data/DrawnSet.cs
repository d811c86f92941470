using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Data;

/// <summary>A data set that is drawn: what its classes are and how a picture of each comes about.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Classes">
/// Names, in order, and what draws a picture of the class with the given random numbers; the caller disposes it.
/// </param>
internal sealed record DrawnSet(string Name, (string Name, Func<Random, Mat> Draw)[] Classes)
{
    /// <summary>One line for the help.</summary>
    public required string Summary { get; init; }

    /// <summary>Pictures of each class to train with, unless said otherwise.</summary>
    public required int Train { get; init; }

    /// <summary>Pictures of each class to test with, unless said otherwise.</summary>
    public required int Test { get; init; }

    /// <summary>All sets that can be drawn.</summary>
    public static DrawnSet[] All { get; } =
    [
        new("xo", [("circles", XoPictures.Circle), ("crosses", XoPictures.Cross)])
        {
            Summary = "circles and crosses, black on white, 116x116", Train = 600, Test = 150,
        },
        new("shapes", ShapePictures.Classes)
        {
            Summary = "six shapes in colour, 64x64", Train = 300, Test = 60,
        },
    ];

    /// <summary>Draws the set into a new folder, as train_data/CLASS/0001.png and test_data/CLASS/0001.png.</summary>
    /// <param name="folder">Appears when all is drawn, so a stopped run leaves no half set.</param>
    /// <exception cref="BadInputException">Something is there already.</exception>
    public void Draw(string folder, int train, int test, int seed, Action? progress, CancellationToken cancel) =>
        NewSetFolder.Fill(folder, beside =>
        {
            var random = new Random(seed);
            foreach ((string part, int count) in new[] { ("train_data", train), ("test_data", test) })
                foreach ((string name, Func<Random, Mat> draw) in Classes)
                    for (int i = 1; i <= count; i++)
                    {
                        cancel.ThrowIfCancellationRequested();
                        using Mat picture = draw(random);
                        AtomicFile.WriteBytes(Path.Combine(beside, part, name, $"{i:0000}.png"), Encode(picture));
                        progress?.Invoke();
                    }
        });

    // Black and white takes one bit a pixel.
    private static byte[] Encode(Mat picture)
    {
        ImageEncodingParam[] parameters = picture.Channels() == 1 ? [new ImageEncodingParam(ImwriteFlags.PngBilevel, 1)] : [];
        Cv2.ImEncode(".png", picture, out byte[] bytes, parameters);
        return bytes;
    }
}
