using System.CommandLine;
using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Inspection;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer inspect: what a model is made of.</summary>
internal sealed class InspectCommand : Command
{
    // A model with every tensor as an output has hundreds; the table below lists them.
    private const int MostOutputs = 6;

    private readonly Argument<string> _model = VisualizerCommands.ModelArgument();

    public InspectCommand() : base("inspect", "Inputs, outputs, layers, shapes and parameters of a model, and what can be drawn of it.")
    {
        Arguments.Add(_model);
        this.WithExamples("visualizer inspect models/lenet.onnx", "visualizer inspect resnet50.onnx --json");
        this.Does((parsed, terminal, _) => Run(parsed, terminal));
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        ModelFacts facts = ModelInspector.Inspect(parsed.GetValue(_model)!);
        terminal.JsonResult(facts, FactsJson.Default.ModelFacts);
        foreach (string line in Lines(facts))
            terminal.Result(line);
        foreach (string remark in facts.Remarks)
            terminal.Note(remark);
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(ModelFacts facts)
    {
        yield return $"{facts.File}: {Size(facts.Bytes)}, "
            + $"{(facts.Producer.Length > 0 ? $"by {facts.Producer}, " : "")}IR {facts.IrVersion}, "
            + string.Join(", ", facts.Opsets.Select(o => $"{o.Key} {o.Value}"));
        yield return $"inputs     {string.Join(", ", facts.Inputs)}";
        yield return $"outputs    {string.Join(", ", facts.Outputs.Take(MostOutputs))}"
            + $"{(facts.Outputs.Length > MostOutputs ? $", … {facts.Outputs.Length} in all" : "")}";
        yield return $"picture    {facts.Preprocessing?.ToString() ?? "of any size"} "
            + $"({(facts.HasCard ? "model card" : "assumed: there is no model card")})";
        yield return $"operators  {string.Join(", ", facts.Operators.Select(o => $"{o.Key} {o.Value}"))}";
        yield return $"weights    {facts.Parameters.ToString("N0", CultureInfo.InvariantCulture)} parameters, {Size(facts.ParameterBytes)}";
        if (facts.Labels is { } labels)
            yield return $"labels     {labels.Length}: {string.Join(", ", labels.Take(10))}{(labels.Length > 10 ? ", …" : "")}";
        if (facts.Stages is { } stages)
            yield return $"stages     {string.Join(", ", stages.Select(s => $"{s.Key} = {s.Value}"))}";
        if (facts.Training is { } training)
            yield return $"training   {TrainingLine.Of(training)}";
        yield return $"drawable   {string.Join(", ", facts.Layers.GroupBy(l => l.Drawing).Select(g => $"{g.Count()} {g.Key}"))}; "
            + $"{facts.Kernels} kernels";
        yield return "";

        var table = new TextTable(">#", "node", "op", "tensor", "type", "shape", ">parameters", "drawn as");
        foreach (ModelFacts.Layer layer in facts.Layers)
            table.Add($"{layer.Index}", layer.Node, layer.Op, layer.Output, layer.Type, layer.Shape is { } dims
                ? $"[{string.Join(", ", dims)}]" : "?",
                layer.Parameters == 0 ? "" : layer.Parameters.ToString("N0", CultureInfo.InvariantCulture), layer.Drawing);
        foreach (string line in table.Lines())
            yield return line;
    }

    private static string Size(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} bytes",
        < 10_000_000 => $"{bytes / 1000} kB",
        _ => $"{bytes / 1_000_000} MB",
    };
}
