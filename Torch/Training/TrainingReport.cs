using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>All that is to be known about a training that is done; metrics.json.</summary>
internal sealed record TrainingReport
{
    public required string Model { get; init; }

    public required DataReport Data { get; init; }

    public required InputSpec Input { get; init; }

    public required TrainingOptions Options { get; init; }

    /// <summary>Trained numbers and frozen ones.</summary>
    public required long Parameters { get; init; }

    public required EpochResult[] Epochs { get; init; }

    /// <summary>The epoch whose weights were exported.</summary>
    public required EpochResult Best { get; init; }

    /// <summary>How the exported weights do on the test pictures, which chose nothing; null where there are none.</summary>
    public required TestScore? Test { get; init; }

    /// <summary>The same of the last epoch's weights.</summary>
    public required TestScore? TestOfLastEpoch { get; init; }

    /// <summary>How the exported weights do class by class, on the test pictures, or on the validation pictures where there are no others.</summary>
    public required ClassReport[] Classes { get; init; }

    /// <summary>Rows are what the pictures show, columns what the network says.</summary>
    public required long[][] Confusion { get; init; }

    public required ExportProof Proof { get; init; }

    /// <summary>cpu, or cuda with its index.</summary>
    public required string Device { get; init; }

    /// <summary>Of this run; a training that was gone on with has taken longer.</summary>
    public required double Seconds { get; init; }

    /// <summary>Largest working set of the process so far, in MB.</summary>
    public required long PeakMemoryMb { get; init; }

    /// <summary>The files that were written.</summary>
    public required string[] Files { get; init; }
}
