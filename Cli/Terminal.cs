using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CnnOnnx.Files;

namespace CnnOnnx.Cli;

/// <summary>
/// Where a command writes: results on <see cref="Out"/>, progress and remarks on <see cref="Error"/>. With --json the only
/// thing on stdout is one JSON document, with --quiet nothing goes to stderr but errors.
/// </summary>
internal sealed class Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>True when a person watches: a bar may move. False when stderr goes to a file or a pipe.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Width of the results in characters; null when they go to a file or a pipe, which get whole lines.</summary>
    public int? Columns { get; init; }

    /// <summary>Width of the progress in characters; null when nobody watches it.</summary>
    public int? ErrorColumns { get; init; }

    /// <summary>The bar that is on the screen; null while there is none.</summary>
    public Progress? Bar { get; set; }

    public bool Quiet { get; init; }

    public bool Json { get; init; }

    /// <summary>A line of the result. Not written with --json.</summary>
    public void Result(string line = "")
    {
        if (Json)
            return;
        Bar?.Erase();
        Out.WriteLine(line);
    }

    /// <summary>The machine-readable result. Written only with --json.</summary>
    public void JsonResult<T>(T result)
    {
        if (Json)
            Document(JsonSerializer.Serialize(result, JsonSettings.Indented));
    }

    /// <summary>The machine-readable result, with JSON code made at compile time, for commands that have to start fast.</summary>
    public void JsonResult<T>(T result, JsonTypeInfo<T> type)
    {
        if (Json)
            Document(JsonSerializer.Serialize(result, type));
    }

    /// <summary>A remark about what is going on: the device used, tensors left out.</summary>
    public void Note(string line)
    {
        if (Quiet)
            return;
        Bar?.Erase();
        Error.WriteLine(line);
    }

    /// <summary>A remark that a result may be wrong or lost: it is written with --quiet, too.</summary>
    public void Warning(string line)
    {
        Bar?.Erase();
        Error.WriteLine($"warning: {line}");
    }

    private void Document(string json)
    {
        Bar?.Erase();
        Out.WriteLine(json);
    }

    /// <summary>Shows the progress of long work until disposed.</summary>
    /// <param name="title">Name of the work, such as drawing.</param>
    /// <param name="total">Number of steps.</param>
    /// <param name="unit">Name of the steps, in the plural: images, batches.</param>
    public Progress Start(string title, long total, string unit) => new(this, title, total, unit, TimeProvider.System);
}
