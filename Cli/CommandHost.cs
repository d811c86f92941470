using System.CommandLine;
using System.CommandLine.Invocation;
using CnnOnnx.Cli.Host;

namespace CnnOnnx.Cli;

/// <summary>Runs a program's command line: one line and an exit code for everything that can go wrong.</summary>
internal static class CommandHost
{
    // ONNX Runtime reports its use to its maker unless it is told not to.
    private const string RuntimeTelemetry = "ORT_DISABLE_TELEMETRY";

    // How long a command may take to end well after Ctrl-C, unless it says otherwise.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    // Nothing that was given to the program explains such a fault.
    private const string WhereToReport =
        "this is a fault of the program; please report it to the CnnOnnx developers, with the command and what --verbose shows";

    // ENOSPC, EFBIG and EDQUOT; on Windows ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private static readonly int[] FullDisk = [28, 27, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>Runs on the process's own console.</summary>
    public static int Run(RootCommand root, string[] args)
    {
        using var output = new StandardWriter(Console.Out, isResult: true);
        using var error = new StandardWriter(Console.Error, isResult: false);
        return Run(root, args, output, error, isInteractive: !Console.IsErrorRedirected, Console.IsOutputRedirected ? null : Columns(),
            Console.IsErrorRedirected ? null : Columns());
    }

    /// <summary>Runs on the given writers, for tests.</summary>
    /// <param name="root">The program.</param>
    /// <param name="args">The command line.</param>
    /// <param name="output">Writer for results.</param>
    /// <param name="error">Writer for progress, remarks and errors.</param>
    /// <param name="isInteractive">True when a person watches.</param>
    /// <param name="columns">Width of the output in characters; null when it is no terminal.</param>
    /// <param name="errorColumns">Width of what a person watches; null when that is no terminal.</param>
    public static int Run(RootCommand root, string[] args, TextWriter output, TextWriter error, bool isInteractive = false,
        int? columns = null, int? errorColumns = null)
    {
        // What somebody looks at is nobody else's business.
        NativeEnvironment.SetDefault(RuntimeTelemetry, "1");
        foreach (Option option in CommonOptions.All)
            root.Options.Add(option);
        HelpPage.ShowIn(root, columns);
        // A name that begins with @ is a name.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool verbose = args.Contains("--verbose");
        try
        {
            // Help and version are shown whatever stands beside them.
            if (parsed.Action is not SynchronousCommandLineAction or ParseErrorAction
                && UsageFaults.Of(parsed, args) is { Length: > 0 } faults)
                return Fail(error, ExitCode.BadInput,
                    $"{string.Join("; ", faults)}{(faults[^1].EndsWith('?') ? "" : ".")} "
                    + $"See '{CommandNotes.PathOf(parsed.CommandResult.Command)} --help'.");
            Current.Value = new Terminal
            {
                Out = output,
                Error = error,
                IsInteractive = isInteractive,
                Columns = columns,
                ErrorColumns = errorColumns,
                Quiet = parsed.GetValue(CommonOptions.Quiet),
                Json = parsed.GetValue(CommonOptions.Json),
            };
            var invocation = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                // Its own answer to signals does not survive a second one.
                ProcessTerminationTimeout = null,
            };
            return Interruption.Run(CommandNotes.TimeToEndOf(parsed.CommandResult.Command) ?? TimeToEnd,
                cancel => parsed.InvokeAsync(invocation, cancel).GetAwaiter().GetResult());
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("interrupted");
            return ExitCode.Interrupted;
        }
        catch (Exception fault)
        {
            if (verbose)
                error.WriteLine(fault);
            return fault is BadInputException or FileNotFoundException
                ? Fail(error, ExitCode.BadInput, FaultLine.Of(fault, parsed.CommandResult.Command))
                : fault is IOException && FullDisk.Contains(fault.HResult)
                    ? Fail(error, ExitCode.BadInput, $"there is no room left where results go: {fault.Message}")
                : MissingLibrary(fault) is { } missing ? Fail(error, ExitCode.BadInput, missing)
                : Fail(error, ExitCode.Fault, $"{fault.GetType().Name}: {fault.Message} ({WhereToReport})");
        }
    }

    private static AsyncLocal<Terminal> Current { get; } = new();

    /// <summary>Makes a command of a function that gets the parsed options, the terminal and Ctrl-C.</summary>
    public static Command Does(this Command command, Func<ParseResult, Terminal, CancellationToken, int> action)
    {
        // Commands are synchronous: tensors live in scopes that belong to one thread.
        command.SetAction((parsed, cancel) => Task.FromResult(action(parsed, Current.Value!, cancel)));
        return command;
    }

    // Libraries are loaded on first use, often in a static constructor, whose exception wraps the reason.
    private static string? MissingLibrary(Exception fault)
    {
        for (Exception? reason = fault; reason is not null; reason = reason.InnerException)
            if (reason is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
                return $"a native library cannot be loaded: {FirstSentence(reason.Message)} "
                    + "('visualizer doctor' says which libraries work and how to get those that do not)";
        return null;
    }

    // What follows is advice for developers.
    private static string FirstSentence(string message)
    {
        string line = message.Split('\n')[0].Trim();
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? line : line[..(end + 1)];
    }

    // A terminal that does not say how wide it is gets whole lines.
    private static int? Columns()
    {
        try
        {
            return Console.WindowWidth is > 20 and var width ? width : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int Fail(TextWriter error, int code, string message)
    {
        error.WriteLine("error: " + message.ReplaceLineEndings(" "));
        return code;
    }
}
