using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Compare;

/// <summary>
/// Names of PyTorch's modules as its exporters write them into the names of nodes. A node "/layer1/layer1.0/conv1/Conv" is one of
/// the module "layer1.0.conv1": a part that begins with the part before it and a point stands for both.
/// </summary>
internal static class ModuleNames
{
    // The exporter on torch.export keeps names of modules here, as a Python list: ['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d'].
    private const string ScopesKey = "pkg.torch.onnx.name_scopes";

    /// <summary>The module that a node belongs to; empty for the whole network, null where the node does not say.</summary>
    public static string? Of(OnnxNode node)
    {
        StringStringEntryProto? scopes = node.Proto.MetadataProps.FirstOrDefault(p => p.Key == ScopesKey);
        if (scopes is not null)
            return scopes.Value.Split('\'').Where((_, i) => i % 2 == 1).SkipLast(1).LastOrDefault();
        if (!node.Name.StartsWith('/'))
            return null;
        List<string> parts = [];
        foreach (string part in node.Name.Split('/')[1..^1])
            if (parts.Count > 0 && part.StartsWith(parts[^1] + ".", StringComparison.Ordinal))
                parts[^1] = part;
            else
                parts.Add(part);
        return string.Join('.', parts);
    }

    /// <summary>The module itself and all that it is inside of, the whole network last.</summary>
    public static IEnumerable<string> WithOuter(string module)
    {
        for (string name = module; name.Length > 0; name = name.LastIndexOf('.') is >= 0 and var at ? name[..at] : "")
            yield return name;
        yield return "";
    }

    /// <summary>
    /// The same call as a hook counts it: exporters number the outermost module that is called again ("head_1.conv"), hooks
    /// the module that they sit on ("head.conv_1"). Null where no part ends with a number of a call.
    /// </summary>
    public static string? AsHook(string module, IReadOnlySet<string> known)
    {
        string[] parts = module.Split('.');
        for (int i = 0; i < parts.Length - 1; i++)
        {
            int line = parts[i].LastIndexOf('_');
            if (line <= 0 || line == parts[i].Length - 1 || !parts[i][(line + 1)..].All(char.IsAsciiDigit))
                continue;
            string first = string.Join('.', [.. parts[..i], parts[i][..line], .. parts[(i + 1)..]]);
            if (known.Contains(first))
                return first + parts[i][line..];
        }

        return null;
    }
}
