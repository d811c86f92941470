namespace CnnOnnx.Cli;

/// <summary>Exit codes of the programs; scripts rely on them.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The program worked and the answer is "no": a comparison out of tolerance.</summary>
    public const int No = 1;

    /// <summary>Wrong use or bad input; one line on stderr says what, expected what, where.</summary>
    public const int BadInput = 2;

    /// <summary>A fault of the program itself, which nothing that it was given explains; EX_SOFTWARE of sysexits.h.</summary>
    public const int Fault = 70;

    public const int Interrupted = 130;
}
