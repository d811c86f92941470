using System.CommandLine;
using System.CommandLine.Parsing;

namespace CnnOnnx.Cli;

/// <summary>Runs a program's command line: one line and an exit code for everything that can go wrong.</summary>
internal static class CommandHost
{
    // ONNX Runtime reports its use to its maker unless it is told not to.
    private const string RuntimeTelemetry = "ORT_DISABLE_TELEMETRY";

    // Nothing that was given to the program explains such a fault.
    private const string WhereToReport =
        "this is a fault of the program; please report it to the CnnOnnx developers, with the command and what --verbose shows";

    /// <summary>Runs on the process's own console.</summary>
    public static int Run(RootCommand root, string[] args) =>
        Run(root, args, Console.Out, Console.Error, isInteractive: !Console.IsErrorRedirected);

    /// <summary>Runs on the given writers, for tests.</summary>
    public static int Run(RootCommand root, string[] args, TextWriter output, TextWriter error, bool isInteractive = false)
    {
        // What somebody looks at is nobody else's business.
        NativeEnvironment.SetDefault(RuntimeTelemetry, "1");
        foreach (Option option in CommonOptions.All)
            root.Options.Add(option);
        CommandExamples.ShowIn(root);
        ParseResult parsed = root.Parse(args);
        bool verbose = args.Contains("--verbose");
        if (parsed.Errors.Count > 0)
            return Fail(error, ExitCode.BadInput,
                string.Join(" ", parsed.Errors.Select(OneLine)) + $" See '{parsed.CommandResult.Command.Name} --help'.");
        try
        {
            Current.Value = new Terminal
            {
                Out = output,
                Error = error,
                IsInteractive = isInteractive,
                Quiet = parsed.GetValue(CommonOptions.Quiet),
                Json = parsed.GetValue(CommonOptions.Json),
            };
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
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

    private static string OneLine(ParseError error) =>
        string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.') + ".";

    private static int Fail(TextWriter error, int code, string message)
    {
        error.WriteLine("error: " + message.ReplaceLineEndings(" "));
        return code;
    }
}
