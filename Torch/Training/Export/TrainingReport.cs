using System.Text.Json;
using System.Text.Json.Nodes;
using CnnOnnx.Files;
using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>All that is to be known about a training that is done.</summary>
public sealed record TrainingReport
{
    /// <summary>Path of the ONNX file that was trained on, or name of an architecture.</summary>
    public required string Model { get; init; }

    /// <summary>What was learned from.</summary>
    public required DataReport Data { get; init; }

    /// <summary>How pictures came into the network.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>How it was trained.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Trained numbers and frozen ones.</summary>
    public required long Parameters { get; init; }

    /// <summary>Every epoch, in order.</summary>
    public required EpochResult[] Epochs { get; init; }

    /// <summary>The epoch whose weights were exported.</summary>
    public required EpochResult Best { get; init; }

    /// <summary>How the exported weights do on the test pictures, which chose nothing; null where there are none.</summary>
    public required EpochScore? Test { get; init; }

    /// <summary>The same of the last epoch's weights.</summary>
    public required EpochScore? TestOfLastEpoch { get; init; }

    /// <summary>
    /// What the task tells besides, by the property's name in JSON; of the test pictures, or of the validation pictures where
    /// there are no others.
    /// </summary>
    internal (string Name, object Value)[] Details { get; init; } = [];

    /// <summary>What came of running the exported file in ONNX Runtime beside the network in memory.</summary>
    public required ExportProof Proof { get; init; }

    /// <summary>cpu, or cuda with its index.</summary>
    public required string Device { get; init; }

    /// <summary>Of this run; a training that was gone on with has taken longer.</summary>
    public required double Seconds { get; init; }

    /// <summary>Largest working set of the process so far, in MB.</summary>
    public required long PeakMemoryMb { get; init; }

    /// <summary>The files that were written.</summary>
    public required string[] Files { get; init; }

    /// <summary>The whole report; metrics.json of the trainer.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = JsonSerializer.SerializeToNode(this, JsonSettings.Indented)!.AsObject();
        int place = json.IndexOf("proof");
        foreach ((string name, object value) in Details)
            json.Insert(place++, name, JsonSerializer.SerializeToNode(value, value.GetType(), JsonSettings.Indented));
        return json;
    }
}
