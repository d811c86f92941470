namespace CnnOnnx;

/// <summary>
/// Something that the user handed over cannot be used: a file, a picture, a model, a combination of options.
/// The message is one line that says what was got, what was expected and where.
/// </summary>
public class BadInputException : Exception
{
    public BadInputException(string message) : base(message)
    {
    }

    public BadInputException(string message, Exception inner) : base(message, inner)
    {
    }
}
