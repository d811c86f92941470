using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Operators;

/// <summary>Attributes whose values are checked where they are read, so that no operator meets a senseless one.</summary>
internal static class AttributeChecks
{
    // As for the attributes that are checked when a model is read: a product of two of them stays exact.
    private const long Largest = 1 << 24;

    extension(OnnxNode node)
    {
        /// <summary>0 or 1.</summary>
        public bool Flag(string name, bool missing) => node.Int(name, missing ? 1 : 0) switch
        {
            0 => false,
            1 => true,
            var other => throw node.Error($"attribute '{name}' is {other}, expected 0 or 1"),
        };

        public long Within(string name, long missing, long least, long most = Largest) =>
            CheckRange(node, name, node.Int(name, missing), least, most);

        /// <summary>Null when the attribute is missing or empty.</summary>
        public long[]? AllWithin(string name, long least, long most = Largest)
        {
            long[]? values = node.Ints(name);
            foreach (long value in values ?? [])
                CheckRange(node, name, value, least, most);
            return values is { Length: > 0 } ? values : null;
        }

        /// <summary>Reads an attribute that is one of a few words; the first one when the attribute is missing.</summary>
        public string OneOf(string name, params ReadOnlySpan<string> words)
        {
            string value = node.Text(name, words[0]);
            return words.Contains(value)
                ? value
                : throw node.Error($"attribute '{name}' is '{value}', expected {string.Join(", ", words!)}");
        }

        /// <summary>True where the node has this output and gives it a name.</summary>
        public bool Wants(int output) => output < node.Outputs.Length && node.Outputs[output].Length > 0;
    }

    private static long CheckRange(OnnxNode node, string name, long value, long least, long most) => value >= least && value <= most
        ? value
        : throw node.Error($"attribute '{name}' is {value}, expected {least} to {most}");
}
