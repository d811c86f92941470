using System.Text.Json;
using System.Text.Json.Nodes;
using CnnOnnx.Files;
using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>Report of a training that is done: data, options, every epoch, test and proof.</summary>
public sealed record TrainingReport
{
    /// <summary>Path of the ONNX file that was trained on, or name of an architecture.</summary>
    public required string Model { get; init; }

    /// <summary>The data set, and how it was divided.</summary>
    public required DataReport Data { get; init; }

    /// <summary>Preprocessing of the pictures.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>Options of the training.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Number of the network's parameters, trained and frozen.</summary>
    public required long Parameters { get; init; }

    /// <summary>Every epoch, in order.</summary>
    public required EpochResult[] Epochs { get; init; }

    /// <summary>The epoch whose weights were exported.</summary>
    public required EpochResult Best { get; init; }

    /// <summary>Metrics of the exported weights on the test pictures, which chose nothing; null where there are none.</summary>
    public required EpochScore? Test { get; init; }

    /// <summary>Metrics of the last epoch's weights on the test pictures; null where there are none.</summary>
    public required EpochScore? TestOfLastEpoch { get; init; }

    /// <summary>
    /// Further results of the task, by the property's name in JSON; of the test pictures, or of the validation pictures where
    /// there are no others.
    /// </summary>
    internal (string Name, object Value)[] Details { get; init; } = [];

    /// <summary>Comparison of the exported file in ONNX Runtime with the network in memory.</summary>
    public required ExportProof Proof { get; init; }

    /// <summary>Device of the training: cpu, or cuda with its index.</summary>
    public required string Device { get; init; }

    /// <summary>Duration of this run in seconds; a training that was gone on with has taken longer.</summary>
    public required double Seconds { get; init; }

    /// <summary>Largest working set of the process so far, in MB.</summary>
    public required long PeakMemoryMb { get; init; }

    /// <summary>Files that were written; without the model when the proof does not hold.</summary>
    public required string[] Files { get; init; }

    /// <summary>Makes JSON of the whole report, as in the trainer's metrics.json.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = JsonSerializer.SerializeToNode(this, JsonSettings.Indented)!.AsObject();
        int place = json.IndexOf("proof");
        foreach ((string name, object value) in Details)
            json.Insert(place++, name, JsonSerializer.SerializeToNode(value, value.GetType(), JsonSettings.Indented));
        return json;
    }
}
