using System.Text.Json.Serialization;
using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Bench;

/// <summary>Time that a dump takes, stage by stage.</summary>
internal sealed record BenchResult
{
    /// <summary>The model as it is, in ONNX Runtime alone.</summary>
    public const string Plain = "plain";

    /// <summary>The model with the tensors as outputs, in ONNX Runtime alone.</summary>
    public const string Exposed = "exposed";

    /// <summary>The same with the tensors left in the memory of the device; not on the CPU.</summary>
    public const string OnDevice = "device";

    /// <summary>The same with names, shapes and access to every value.</summary>
    public const string IntoMemory = "memory";

    /// <summary>All numbers of every tensor and its channels, on all threads.</summary>
    public const string Statistics = "statistics";

    /// <summary>Mosaics as pictures in memory, on all threads.</summary>
    public const string Render = "render";

    /// <summary>These pictures as PNG, on all threads.</summary>
    public const string Encode = "encode";

    /// <summary>From picture files to folders, all stages overlapping: from one folder to the next, in the mean.</summary>
    public const string Dump = "dump";

    /// <summary>Guess by which the picture was made into the input; null where nothing was guessed.</summary>
    public PreprocessingGuess? Guess { get; init; }

    public required string Model { get; init; }

    public required string Device { get; init; }

    public required int Threads { get; init; }

    public required int Runs { get; init; }

    /// <summary>Pictures in a run; statistics, drawing and encoding are of one of them.</summary>
    public required int Batch { get; init; }

    /// <summary>Tensors whose nodes ran on the CPU though another device was asked for.</summary>
    public required string[] OnCpu { get; init; }

    /// <summary>True when the runtime refused to put tensors into page-locked memory, so that they are copied the slower way.</summary>
    public required bool CopiesPlainly { get; init; }

    public required int Tensors { get; init; }

    /// <summary>Number of values of all tensors.</summary>
    public required long Bytes { get; init; }

    /// <summary>Pixels of all mosaics.</summary>
    public required double Megapixels { get; init; }

    public required double EncodedMegabytes { get; init; }

    public required BenchStage[] Stages { get; init; }

    public double ExposedToPlain => this[Exposed].Milliseconds / this[Plain].Milliseconds;

    /// <summary>Median over neighbouring runs.</summary>
    public required double MemoryToExposed { get; init; }

    /// <summary>By processor time: steadier than the clock where other programs run, too.</summary>
    public required double ProcessorMemoryToExposed { get; init; }

    public double RenderMegapixelsPerSecond => Megapixels / this[Render].Milliseconds * 1000;

    public double EncodeMegapixelsPerSecond => Megapixels / this[Encode].Milliseconds * 1000;

    private BenchStage this[string name] => Stages.Single(s => s.Name == name);
}

/// <summary>A stage of a dump, in medians a run; a whole dump in means.</summary>
/// <param name="Name">See <see cref="BenchResult"/>.</param>
/// <param name="Milliseconds">On the clock.</param>
/// <param name="ProcessorMilliseconds">Processor time of all threads together, waiting that keeps a core busy included.</param>
internal sealed record BenchStage(string Name, double Milliseconds, double ProcessorMilliseconds);

/// <summary>JSON of benchmarks, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchResult))]
internal sealed partial class BenchJson : JsonSerializerContext;
