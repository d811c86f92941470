using CnnOnnx.Files;
using CnnOnnx.Onnx;

namespace CnnOnnx.Inference;

/// <summary>Writes a model with more outputs, with the types that other tools want to see.</summary>
internal static class ModelExposer
{
    /// <summary>
    /// Writes a copy of a model with more outputs: everything else stays as it was, to the bit. A model with local functions is
    /// written with their nodes in place of the calls, since what is inside a function cannot be an output.
    /// </summary>
    /// <param name="path">The model.</param>
    /// <param name="selection">Which tensors become outputs.</param>
    /// <param name="destination">Another file.</param>
    /// <exception cref="BadInputException">The model is broken, or the place cannot be written.</exception>
    public static ExposedFile Write(string path, TensorSelection selection, string destination)
    {
        OnnxModel read = OnnxModel.Read(path), model = read.Runnable;
        if (Path.GetFullPath(path) == Path.GetFullPath(destination))
            throw new BadInputException($"{destination}: is the model itself, expected another file");
        SelectionResult chosen = StageSelection.Choose(selection, model);
        var own = model.Graph.Outputs.Select(o => o.Name).ToHashSet();
        string[] added = [.. chosen.Chosen.Where(name => !own.Contains(name))];

        var remarks = new List<string>();
        if (chosen.LeftOut.Count > 0)
            remarks.Add(chosen.ToString());
        IReadOnlyList<OnnxValue> outputs = Typed(model, added, remarks);
        if (model != read)
        {
            remarks.Add($"its {read.Proto.Functions.Count} local functions are written as the nodes that they consist of");
            model.WithOutputs([.. model.Graph.Outputs, .. outputs]).Save(destination);
        }
        else
        {
            remarks.AddRange(WeightFiles.Bring(model, destination));
            using var file = new MappedFile(path);
            AtomicFile.Write(destination, stream => GraphExposure.Write(file.Bytes, outputs, stream));
        }

        return new ExposedFile(destination, own.Count + outputs.Count, outputs.Count, [.. remarks]);
    }

    private static IReadOnlyList<OnnxValue> Typed(OnnxModel model, string[] names, List<string> remarks)
    {
        try
        {
            var typed = TypedTensors.Of(model, names);
            remarks.AddRange(typed.Unknown.Select(u => $"left out: '{u.Name}' {u.Reason}"));
            if (typed.Values.Where(v => v.Shape is null).Select(v => v.Name).ToArray() is [var first, ..] shapeless)
                remarks.Add(
                    $"{shapeless.Length} outputs are written without a shape, which cannot be told without data:"
                        + $" '{first}'{(shapeless.Length > 1 ? ", …" : "")}");
            return typed.Values;
        }
        catch (OnnxException fault)
        {
            remarks.Add($"types of the new outputs are what the file declares, or missing: {fault.Message}");
            return [.. names.Select(name => model.Graph.Declared(name) ?? new OnnxValue { Name = name })];
        }
    }
}

/// <summary>A model that was written with more outputs.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Outputs">How many outputs it has.</param>
/// <param name="Added">How many of them the original did not have.</param>
/// <param name="Remarks">Remarks about tensors left out and files copied.</param>
internal sealed record ExposedFile(string File, int Outputs, int Added, string[] Remarks);
