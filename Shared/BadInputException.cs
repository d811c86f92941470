namespace CnnOnnx;

/// <summary>
/// Something that the user handed over cannot be used: a file, a picture, a model, a combination of options.
/// The message is one line that says what was got, what was expected and where.
/// </summary>
public class BadInputException : Exception
{
    /// <summary>Makes an exception of one line; control characters in it become spaces.</summary>
    /// <param name="message">What was got, what was expected and where.</param>
    public BadInputException(string message) : base(OneLine(message))
    {
    }

    /// <summary>Makes an exception of one line with the fault that led to it.</summary>
    /// <param name="message">What was got, what was expected and where.</param>
    /// <param name="inner">Fault that led to this one; null for none.</param>
    public BadInputException(string message, Exception? inner) : base(OneLine(message), inner)
    {
    }

    /// <summary>The way out that a program can offer by an option of its own.</summary>
    internal Remedy Remedy { get; init; }

    // Messages quote names from files, which may hold anything: line breaks, escape sequences for terminals.
    private static string OneLine(string message) =>
        message.Any(char.IsControl) ? string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c)) : message;
}
