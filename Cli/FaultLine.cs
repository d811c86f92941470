using System.CommandLine;

namespace CnnOnnx.Cli;

/// <summary>The line that tells a fault. Libraries say what helps; the option that does it is the program's.</summary>
internal static class FaultLine
{
    // What each way out is on the command line; a command that has none of the options does not offer it.
    private static readonly Dictionary<Remedy, string[]> Options = new()
    {
        [Remedy.SelectTensors] = ["--tensors", "--ops"],
        [Remedy.GiveInputSize] = ["--size"],
        [Remedy.NameEntry] = ["--entry"],
        [Remedy.SearchFolders] = ["--recursive"],
        [Remedy.LowerLearningRate] = ["--lr"],
        [Remedy.ChangeBatch] = ["--batch"],
        [Remedy.FreezeOthers] = ["--freeze"],
        [Remedy.RateOthers] = ["--lr-of"],
        [Remedy.HoldOutOthers] = ["--validation"],
        [Remedy.ReplaceClassifier] = ["--keep-head"],
        [Remedy.ChangePictureSize] = ["--size", "--features"],
        [Remedy.TakeLessMemory] = ["--batch", "--memory"],
    };

    /// <summary>Adds the options that help to a fault's message.</summary>
    /// <param name="fault">Fault of what was given.</param>
    /// <param name="command">Command whose options can be named; null for one that has them all.</param>
    public static string Of(Exception fault, Command? command = null)
    {
        if (fault is not BadInputException input || !Options.TryGetValue(input.Remedy, out string[]? options))
            return fault.Message;
        string[] there = [.. options.Where(name => command is null || command.Options.Any(option => option.Name == name))];
        return there.Length == 0 ? fault.Message : $"{fault.Message} ({string.Join(" or ", there)})";
    }
}
