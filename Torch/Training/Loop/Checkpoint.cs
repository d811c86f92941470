using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// A training on disk: weights, what the optimizer remembers, the random numbers' state, the plan and the position, in one file
/// that other programs read as safetensors.
/// </summary>
internal sealed record Checkpoint(TrainingPlan Plan, DataReport Data, TrainingPosition Position)
{
    private const string Key = "cnnonnx.checkpoint", WeightPrefix = "weights/", AveragePrefix = "average/";

    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Save(string path, OnnxModule module, Optimizer optimizer, WeightAverage? average = null)
    {
        using DisposeScope scope = NewDisposeScope();
        TensorFile.Write(path, [.. Weights(module), .. Slots(optimizer), .. Averages(average), ("random", get_rng_state())], Key,
            JsonSerializer.Serialize(this, JsonSettings.Indented));
    }

    /// <summary>Reads the plan and the position.</summary>
    /// <param name="path">A checkpoint, or a folder with one that is named *.last.ckpt.</param>
    /// <exception cref="BadInputException">No checkpoint, more than one, or a broken one.</exception>
    public static (Checkpoint Checkpoint, string Path) Read(string path)
    {
        string file = Directory.Exists(path) ? OnlyOneIn(path) : path;
        try
        {
            using SafeTensorsFile tensors = Open(file);
            string text = tensors.Texts.GetValueOrDefault(Key) ?? throw new BadInputException($"{file}: holds no {Key}");
            return (JsonSerializer.Deserialize<Checkpoint>(text, JsonSettings.Indented)!, file);
        }
        catch (JsonException fault)
        {
            throw new BadInputException($"{file}: is not a checkpoint, or it is damaged ({fault.Message})", fault);
        }
    }

    /// <summary>Puts weights, the optimizer's memory and the random numbers back to where they were.</summary>
    /// <exception cref="BadInputException">The checkpoint is of another network or of another optimizer.</exception>
    public void Restore(string path, OnnxModule module, Optimizer optimizer, WeightAverage? average = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor random = get_rng_state();
        using SafeTensorsFile file = Open(path);
        TensorFile.ReadInto(file, path, [.. Weights(module), .. Slots(optimizer), .. Averages(average), ("random", random)]);
        set_rng_state(random);
        optimizer.Steps = Position.Steps;
    }

    /// <summary>Puts only the weights back that are to be exported: their averages where there are some.</summary>
    public static void RestoreWeights(string path, OnnxModule module)
    {
        using SafeTensorsFile file = Open(path);
        bool isAveraged = file.Tensors.Keys.Any(name => name.StartsWith(AveragePrefix, StringComparison.Ordinal));
        TensorFile.ReadInto(file, path,
            [.. module.state_dict().Select(e => ((isAveraged ? AveragePrefix : WeightPrefix) + e.Key, e.Value))]);
    }

    private static SafeTensorsFile Open(string path) => SafeTensorsFile.Open(path, "checkpoint");

    private static IEnumerable<(string, Tensor)> Weights(OnnxModule module) =>
        module.state_dict().Select(entry => (WeightPrefix + entry.Key, entry.Value));

    private static IEnumerable<(string, Tensor)> Averages(WeightAverage? average) =>
        average?.State.Select(entry => (AveragePrefix + entry.Name, entry.Value)) ?? [];

    private static IEnumerable<(string, Tensor)> Slots(Optimizer optimizer) =>
        optimizer.State.Select(slot => ($"optimizer/{slot.Name}", slot.Value));

    private static string OnlyOneIn(string folder)
    {
        string[] found = Directory.GetFiles(folder, "*.last.ckpt");
        return found.Length == 1
            ? found[0]
            : throw new BadInputException($"{folder}: has {(found.Length == 0 ? "no" : $"{found.Length}")} checkpoints named "
                + "*.last.ckpt, expected one; name the file");
    }
}
