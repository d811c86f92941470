using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Training;

/// <summary>Pairs the classes of a data set with those of a network.</summary>
/// <param name="Labels">Names of the network's classes.</param>
/// <param name="ClassOf">The network's class for each class of the set.</param>
/// <param name="Remark">Assumption that was made, in words; may be empty.</param>
internal sealed record ClassPairing(string[] Labels, int[] ClassOf, string Remark)
{
    /// <summary>Pairs classes by name where the model card has all names, else by order where there are as many.</summary>
    /// <param name="model">The model.</param>
    /// <param name="labels">Names of the network's classes; null where nothing names them.</param>
    /// <param name="outputs">Number of classes that the network tells apart.</param>
    /// <param name="classes">Names of the set's classes.</param>
    /// <exception cref="BadInputException">Neither is possible.</exception>
    public static ClassPairing Match(OnnxModel model, string[]? labels, int outputs, string[] classes)
    {
        if (labels is not null && labels.Length != outputs)
            throw new OnnxException(model.Source, $"{labels.Length} classes are named, but it has {outputs} class scores");
        int[] byName = [.. classes.Select(name => Array.IndexOf(labels ?? [], name))];
        if (!byName.Contains(-1))
            return new ClassPairing(labels!, byName, "");
        if (classes.Length != outputs)
            throw new BadInputException($"{model.Source}: tells {outputs} classes apart{(labels is null ? "" : $" ({Some(labels)})")}, "
                + $"the data has {classes.Length} ({Some(classes)}); expected the same classes");
        return new ClassPairing(classes, [.. Enumerable.Range(0, outputs)], labels is null
            ? "; the model names no classes, so they are taken in the data's order"
            : $"; the model's classes have other names ({Some(labels)}), so they are taken in the data's order");
    }

    private static string Some(string[] names) => string.Join(", ", names.Take(4)) + (names.Length > 4 ? ", …" : "");
}
