using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>The result of inspect in lines: what the model is, its blocks, its layers.</summary>
internal static class FactsText
{
    // A model with every tensor as an output has hundreds; the table of layers lists them.
    private const int MostOutputs = 6, MostLabels = 10;

    private static readonly string[] Units = ["", " k", " M", " G", " T"];

    /// <param name="facts">Facts about a model.</param>
    /// <param name="all">True to list plumbing, too, behind the layers.</param>
    /// <param name="columns">Width of the lines; null for as wide as names need.</param>
    public static IEnumerable<string> Lines(ModelFacts facts, bool all, int? columns)
    {
        foreach (string line in Head(facts, all))
            yield return line;
        if (facts.Stages.Count > 0)
        {
            yield return "";
            foreach (string line in Stages(facts).Lines(columns))
                yield return line;
        }

        if (facts.Blocks.Length > 0)
        {
            yield return "";
            foreach (string line in Blocks(facts).Lines(columns))
                yield return line;
        }

        yield return "";
        foreach (string line in Layers(facts, all).Lines(columns))
            yield return line;
    }

    private static IEnumerable<string> Head(ModelFacts facts, bool all)
    {
        yield return $"{facts.File}: {Size(facts.Bytes)}, "
            + $"{(facts.Producer.Length > 0 ? $"by {facts.Producer}, " : "")}IR {facts.IrVersion}, "
            + string.Join(", ", facts.Opsets.Select(o => $"{o.Key} {o.Value}"));
        yield return $"inputs     {string.Join(", ", (IEnumerable<ModelFacts.Value>)facts.Inputs)}";
        yield return $"outputs    {string.Join(", ", facts.Outputs.Take(MostOutputs))}"
            + $"{(facts.Outputs.Length > MostOutputs ? $", … {facts.Outputs.Length} in all" : "")}";
        yield return $"picture    {facts.Preprocessing?.ToString() ?? "of any size"} "
            + $"({(facts.HasCard ? "model card" : "assumed: there is no model card")})";
        yield return $"operators  {string.Join(", ", facts.Operators.Select(o => $"{o.Key} {o.Value}"))}";
        yield return $"weights    {Exact(facts.Parameters)} parameters, {Size(facts.ParameterBytes)}";
        yield return facts is { MultiplyAdds: 0, LayersOfUnknownSize: > 0 } ? "work       of any size: the maps are as large as the picture"
            : $"work       {Short(facts.MultiplyAdds)} multiply-adds a picture"
                + (facts.LayersOfUnknownSize > 0 ? $", without {facts.LayersOfUnknownSize} layers whose size only a run knows" : "");
        if (facts.Labels is { } labels)
            yield return $"labels     {labels.Length}: {string.Join(", ", labels.Take(MostLabels))}"
                + (labels.Length > MostLabels ? ", …" : "");
        if (facts.Training is { } training)
            yield return $"training   {TrainingLine.Of(training)}";
        yield return $"drawable   {string.Join(", ", facts.Layers.GroupBy(l => l.Drawing).Select(g => $"{g.Count()} {g.Key}"))}; "
            + $"{facts.Kernels} kernels";
        if (facts.Explainable.Count > 0)
            yield return $"explain    {Explain(facts.Explainable)}";
        if (facts.Layers.Any(layer => layer.Plumbing is not null))
            yield return $"plumbing   {Plumbing.Describe(facts.Layers.Select(l => l.Plumbing).OfType<string>())}"
                + (all ? "" : " (not listed; --all lists them)");
    }

    private static string Explain(IReadOnlyList<ModelFacts.Candidate> candidates)
    {
        string[] last = [.. candidates.Where(layer => layer.IsLast).Select(layer => layer.ToString())];
        string[] stages = [.. candidates.Where(layer => !layer.IsLast).Select(layer => layer.ToString())];
        string more = stages.Length > MostOutputs ? ", …" : "";
        return $"last spatial map: {string.Join(", ", last)}"
            + (stages.Length == 0 ? "" : $"; ends of stages: {string.Join(", ", stages.Take(MostOutputs))}{more}");
    }

    private static TextTable Stages(ModelFacts facts)
    {
        var table = new TextTable("stage",
            facts.HasNamedStages ? "~ends with" : "~ends with (found: the last tensor of each size of maps)", "shape");
        var shapes = facts.Layers.ToDictionary(layer => layer.Output, Shape);
        foreach ((string label, string tensor) in facts.Stages)
            table.Add(label, tensor, shapes.GetValueOrDefault(tensor, "?"));
        return table;
    }

    private static TextTable Blocks(ModelFacts facts)
    {
        var table = new TextTable("~block", ">layers", ">parameters", ">mult-adds", ">%");
        foreach (ModelFacts.Block block in facts.Blocks)
            table.Add(block.Name.Length > 0 ? block.Name : "(outside)", $"{block.Layers}", Exact(block.Parameters),
                Short(block.MultiplyAdds), Share(block.MultiplyAdds, facts.MultiplyAdds));
        return table;
    }

    private static TextTable Layers(ModelFacts facts, bool all)
    {
        var table = new TextTable(">#", "op", "~tensor", "shape", "~attributes", ">parameters", ">mult-adds", "drawn as");
        foreach (ModelFacts.Layer layer in facts.Layers.Where(l => l.Plumbing is null)
            .Concat(all ? facts.Layers.Where(l => l.Plumbing is not null) : []))
            table.Add($"{layer.Index}", layer.Op, layer.Output, Shape(layer), NodeAttributes.Describe(layer.Attributes),
                layer.Parameters == 0 ? "" : Exact(layer.Parameters),
                layer.MultiplyAdds is { } work ? Short(work) : "", layer.Plumbing ?? layer.Drawing);
        return table;
    }

    // What nearly all tensors hold is not said of each.
    private static string Shape(ModelFacts.Layer layer) => (layer.Type is "float32" or "?" ? "" : $"{layer.Type} ")
        + (layer.Shape is { } dims ? $"[{string.Join(", ", dims)}]" : "?");

    private static string Exact(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) =>
        whole == 0 ? "" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture);

    // Three digits and a unit: 118 M, 4.09 G.
    private static string Short(long count)
    {
        double value = count;
        int unit = 0;
        for (; value >= 999.5 && unit < Units.Length - 1; unit++)
            value /= 1000;
        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + Units[unit];
    }

    private static string Size(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} bytes",
        < 10_000_000 => $"{bytes / 1000} kB",
        _ => $"{bytes / 1_000_000} MB",
    };
}
