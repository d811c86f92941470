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

    /// <summary>All of them, as the help lists them.</summary>
    public static (int Code, string Meaning)[] All { get; } =
    [
        (Done, "done"),
        (No, "the program worked, and the answer is no: tensors differ, a model is not proven, a library is missing"),
        (BadInput, "wrong use, bad input or a full disk: one line on stderr says what was got and what was expected"),
        (Fault, "a fault of the program itself; --verbose shows where"),
        (Interrupted, "interrupted by Ctrl-C or SIGTERM; what was finished is whole"),
    ];
}
