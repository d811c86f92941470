using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace CnnOnnx.Cli;

/// <summary>Examples below a command's help.</summary>
internal static class CommandExamples
{
    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    public static Command WithExamples(this Command command, params string[] examples)
    {
        Examples.Add(command, examples);
        return command;
    }

    /// <summary>Makes the program's --help show them.</summary>
    public static void ShowIn(RootCommand root)
    {
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override bool Terminating => help.Terminating;

        public override bool ClearsParseErrors => help.ClearsParseErrors;

        public override int Invoke(ParseResult parsed)
        {
            int code = help.Invoke(parsed);
            if (!Examples.TryGetValue(parsed.CommandResult.Command, out string[]? examples))
                return code;
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples)
                output.WriteLine("  " + example);
            return code;
        }
    }
}
