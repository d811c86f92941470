namespace CnnOnnx.Onnx;

/// <summary>Class names that exporters leave in a model's metadata, each in its own way.</summary>
internal static class ExporterNames
{
    // Ultralytics: names; others: what is usual.
    private static readonly string[] Keys = ["names", "class_names", "classes", "labels", "class_labels", "id2label"];

    /// <summary>The names, and the key that they stand under; null where there are none that can be read.</summary>
    /// <param name="metadata">Metadata of the model, by key.</param>
    public static (string Key, string[] Names)? Of(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (string key in Keys)
        {
            // A word alone is no list: many things are called classes.
            if (!metadata.TryGetValue(key, out string? text) || text.AsSpan().TrimStart() is not (['[', ..] or ['{', ..]))
                continue;
            try
            {
                return (key, ClassNameText.Parse(text, key));
            }
            catch (BadInputException)
            {
                // The entry means something else.
            }
        }

        return null;
    }
}
