using System.Text.Json.Serialization;
using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>Model, data, preprocessing and options: all that a stopped training needs to go on.</summary>
/// <param name="Model">Name of an architecture, or path of an ONNX file.</param>
/// <param name="Data">Folder of the data set.</param>
/// <param name="Out">Path of the ONNX file to write; everything else goes beside it.</param>
/// <param name="Input">Preprocessing of the pictures.</param>
/// <param name="Options">Options of the training.</param>
internal sealed record TrainingPlan(string Model, string Data, string Out, InputSpec Input, TrainingOptions Options)
{
    /// <summary>Paths of the results.</summary>
    [JsonIgnore]
    public TrainingFiles Files => new(Out);
}

/// <summary>Paths of a training's results: the model, and beside it everything under the model's name.</summary>
/// <param name="Model">Path of the ONNX file.</param>
internal sealed record TrainingFiles(string Model)
{
    /// <summary>Options, figures of every epoch, confusion matrix, proof: all numbers as JSON.</summary>
    public string Metrics => Beside(".metrics.json");

    /// <summary>Loss and accuracy over the epochs.</summary>
    public string Curves => Beside(".curves.png");

    public string Confusion => Beside(".confusion.png");

    /// <summary>The wrong answers that the network is surest of.</summary>
    public string Mistakes => Beside(".mistakes.png");

    /// <summary>The first pictures of every class, as the network gets them.</summary>
    public string Samples => Beside(".samples.png");

    /// <summary>Pictures as the augmentation changes them; only where there is one.</summary>
    public string Augmented => Beside(".augmented.png");

    /// <summary>Features of the pictures, where the classifier alone is trained on them.</summary>
    public string Features => Beside(".features.safetensors");

    /// <summary>The training as it stood after its best epoch.</summary>
    public string BestCheckpoint => Beside(".best.ckpt");

    /// <summary>The training as it stood last; what --resume goes on from.</summary>
    public string LastCheckpoint => Beside(".last.ckpt");

    /// <summary>Files to look at when all is done; the model first.</summary>
    public string[] Results => [Model, Metrics, Curves, Confusion, Mistakes, Samples];

    /// <summary>The files that a checkpoint belongs to.</summary>
    /// <exception cref="BadInputException">It does not have a checkpoint's name.</exception>
    public static TrainingFiles OfCheckpoint(string path)
    {
        var files = new TrainingFiles(Path.ChangeExtension(Path.ChangeExtension(path, null), ".onnx"));
        return path == files.LastCheckpoint || path == files.BestCheckpoint
            ? files
            : throw new BadInputException($"{path}: expected a checkpoint named NAME.last.ckpt or NAME.best.ckpt");
    }

    private string Beside(string ending) => Path.ChangeExtension(Model, null) + ending;
}
