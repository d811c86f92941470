using System.Text.Json.Serialization;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>The card of a model: what its file says, what options change, and what is guessed where neither says.</summary>
internal sealed record CardFacts
{
    public required string Model { get; init; }

    /// <summary>How a picture becomes the input; null for a model that takes none, or pictures of any size.</summary>
    public required InputSpec? Input { get; init; }

    /// <summary>Who says so, in words.</summary>
    public required string InputSource { get; init; }

    /// <summary>Preset that was guessed, and why; null where nothing was.</summary>
    public required PreprocessingGuess? Guess { get; init; }

    public required string[]? Labels { get; init; }

    /// <summary>Who says so, in words; null without labels.</summary>
    public required string? LabelsSource { get; init; }

    /// <summary>What was assumed about the labels, in words; null when nothing was.</summary>
    public required string? LabelsRemark { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>>? Stages { get; init; }

    /// <summary>JSON, as the card has it.</summary>
    public required string? Training { get; init; }

    /// <summary>The file that was written; null when none was.</summary>
    public string? File { get; init; }

    /// <param name="model">The model.</param>
    /// <param name="change">Changes of the preprocessing; null for none.</param>
    /// <param name="labels">Names of the classes in place of those of the file; null for none.</param>
    /// <param name="stages">Stages in place of those of the file, as NAME=TENSOR; null for none.</param>
    /// <exception cref="BadInputException">What is asked for does not fit the model.</exception>
    public static CardFacts Of(OnnxModel model, Func<InputSpec, InputSpec>? change, string[]? labels, string[]? stages)
    {
        OutputNames? names = OutputNames.Of(model, labels);
        PreprocessingGuess? guess = InputBinder.GuessOf(model, change);
        (InputSpec? input, string source) = InputOf(model, guess, change);
        return new CardFacts
        {
            Model = model.Source,
            Input = input,
            InputSource = source,
            Guess = guess,
            Labels = names?.Labels,
            LabelsSource = names?.Source,
            LabelsRemark = names?.Remark,
            Stages = stages is null ? model.Card.Stages : [.. stages.Select(text => Stage(text, model))],
            Training = model.Card.Training,
        };
    }

    /// <summary>Writes the model with this card, whole or not at all; it may be the model's own file.</summary>
    /// <param name="model">The model that was described.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="BadInputException">The input's size is open, or the file cannot be written.</exception>
    public CardFacts WriteTo(OnnxModel model, string path)
    {
        if (Input is null && PictureInput.Find(model.Graph) is { } open)
            throw new BadInputException($"{Model}: input '{open.Name}' declares no size, and a card has one: say --size HxW");
        model.Save(path, null, new ModelCard { Input = Input, Labels = Labels, Stages = Stages, Training = Training });
        return this with { File = path };
    }

    private static (InputSpec?, string) InputOf(OnnxModel model, PreprocessingGuess? guess, Func<InputSpec, InputSpec>? change)
    {
        if (PictureInput.Find(model.Graph) is not { } input)
            return (model.Card.Input, model.Card.Input is null ? "takes no picture" : "model card");
        // A size that the model leaves open is known only when it was given: then it does not follow the picture.
        InputSpec[] specs = [.. new[] { new Size(320, 320), new Size(480, 480) }
            .Select(picture => model.Card.Input ?? guess?.Apply(input, picture) ?? input.Suggest(picture.Height, picture.Width))
            .Select(spec => (change?.Invoke(spec) ?? spec).Checked(model.Source))];
        string source = (model.Card.Input is not null ? "model card" : guess?.ToString() ?? "")
            + (change is null ? "" : guess is null && model.Card.Input is null ? "options" : ", changed by options");
        if (specs[0] != specs[1])
            return (null, $"of any size; {source}");
        _ = input.Shape(specs[0], 1, model.Source);
        return (specs[0], source);
    }

    private static KeyValuePair<string, string> Stage(string text, OnnxModel model)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } tensor])
            throw new BadInputException($"--stages has '{text}', expected NAME=TENSOR");
        return model.Inlined.Graph.NodeOutputs.Contains(tensor) ? KeyValuePair.Create(name, tensor)
            : throw new BadInputException($"{model.Source}: no node makes a tensor '{tensor}' for stage '{name}'; "
                + "'visualizer inspect' lists the tensors");
    }
}

/// <summary>JSON of the card command, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CardFacts))]
internal sealed partial class CardFactsJson : JsonSerializerContext;
