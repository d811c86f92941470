using CnnOnnx.Files;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>Files beside a model that hold its weights.</summary>
internal static class WeightFiles
{
    /// <summary>Copies a model's weight files to where a copy of the model looks for them.</summary>
    /// <returns>Remarks about the files that were copied.</returns>
    /// <exception cref="BadInputException">Another file of the name is there already, or the place cannot be written.</exception>
    public static IEnumerable<string> Bring(OnnxModel model, string destination)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(destination))!;
        var remarks = new List<string>();
        foreach ((string location, string path) in Locations(model))
        {
            string target = Path.Combine(folder, location);
            if (Path.GetFullPath(target) == path || (File.Exists(target) && AreEqual(path, target)))
                continue;
            if (File.Exists(target))
                throw new BadInputException(
                    $"{target}: is there already and differs from the weights of {model.Source}; choose another folder");
            AtomicFile.Write(target, stream =>
            {
                using FileStream weights = File.OpenRead(path);
                weights.CopyTo(stream);
            });
            remarks.Add($"copied the weights {location} beside it");
        }

        return remarks;
    }

    /// <summary>Paths of the files beside the model that hold weights of it.</summary>
    public static IEnumerable<string> Paths(OnnxModel model) => Locations(model).Values.Order(StringComparer.Ordinal);

    private static Dictionary<string, string> Locations(OnnxModel model)
    {
        var locations = new Dictionary<string, string>();
        foreach (TensorProto tensor in Tensors(model.Graph).Where(t => t.DataLocation == TensorProto.Types.DataLocation.External))
            if (!ModelOutline.IsInOwnFile(tensor, model.Source))
                locations[tensor.ExternalData.First(e => e.Key == "location").Value] = ExternalData.Locate(tensor, model.Source).Path;
        return locations;
    }

    private static IEnumerable<TensorProto> Tensors(OnnxGraph graph) => graph.Initializers.Select(t => t.Proto)
        .Concat(graph.Nodes.SelectMany(n => n.Subgraphs()).SelectMany(body => Tensors(body.Graph)));

    private static bool AreEqual(string left, string right)
    {
        using FileStream a = File.OpenRead(left), b = File.OpenRead(right);
        if (a.Length != b.Length)
            return false;
        byte[] fromA = new byte[1 << 16], fromB = new byte[1 << 16];
        for (int read; (read = a.ReadAtLeast(fromA, fromA.Length, throwOnEndOfStream: false)) > 0;)
            if (b.ReadAtLeast(fromB, fromB.Length, throwOnEndOfStream: false) != read
                || !fromA.AsSpan(0, read).SequenceEqual(fromB.AsSpan(0, read)))
                return false;
        return true;
    }
}
