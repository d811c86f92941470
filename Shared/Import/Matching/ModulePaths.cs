namespace CnnOnnx.Import;

/// <summary>Modules of PyTorch in the names that its exporter gives to nodes.</summary>
internal static class ModulePaths
{
    /// <summary>
    /// The module that a node came from: features.0.0 of "/features/features.0/features.0.0/Conv", layer1.0.conv1 of
    /// "/layer1/layer1.0/conv1/Conv". Modules in a list repeat the list's name. Null for a name of another kind.
    /// </summary>
    public static string? Of(string node)
    {
        if (!node.StartsWith('/') || node.LastIndexOf('/') == 0)
            return null;
        string path = "", last = "";
        foreach (string scope in node.Split('/')[1..^1])
        {
            path = last.Length > 0 && scope.StartsWith(last + ".", StringComparison.Ordinal) ? path[..^last.Length] + scope
                : path.Length == 0 ? scope : $"{path}.{scope}";
            last = scope;
        }

        return path.Length > 0 ? path : null;
    }

    /// <summary>Path and last part of a name with dots; an empty path where there is no dot.</summary>
    public static (string Path, string Last) Split(string name)
    {
        int dot = name.LastIndexOf('.');
        return dot < 0 ? ("", name) : (name[..dot], name[(dot + 1)..]);
    }
}
