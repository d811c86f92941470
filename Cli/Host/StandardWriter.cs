using System.Text;

namespace CnnOnnx.Cli.Host;

/// <summary>
/// Writes to stdout or stderr, which may be closed, or a file on a full disk: then a result is refused in one line, and a remark, which
/// nobody would see, is dropped.
/// </summary>
/// <param name="stream">The console's writer; stays open.</param>
/// <param name="isResult">True for stdout, which somebody waits for.</param>
internal sealed class StandardWriter(TextWriter stream, bool isResult) : TextWriter
{
    public override Encoding Encoding => stream.Encoding;

    public override void Write(char value) => Try(() => stream.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => stream.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => stream.Write(value));

    public override void WriteLine(string? value) => Try(() => stream.WriteLine(value));

    public override void Flush() => Try(stream.Flush);

    // .NET calls a closed stream one that access is denied to.
    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (isResult)
                throw new BadInputException($"stdout is closed or full, expected a place for the result: {fault.Message}", fault);
        }
    }
}
