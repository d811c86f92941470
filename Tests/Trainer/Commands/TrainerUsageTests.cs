using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Trainer.Commands;

namespace CnnOnnx.Tests.Commands;

/// <summary>The command line of trainer: what is wrong is said, with the nearest name; options stand where they have an effect.</summary>
[TestClass]
public sealed class TrainerUsageTests
{
    [TestMethod]
    [DataRow("trian lenet", "'trian' is no command of 'trainer'; did you mean 'train'? See 'trainer --help'.")]
    [DataRow("train lenet --data d -o n.onnx --epoch 3",
        "'--epoch' is no option of 'trainer train'; did you mean '--epochs'? See 'trainer train --help'.")]
    [DataRow("train lenet --data d", "--out FILE.onnx is missing. See 'trainer train --help'.")]
    [DataRow("data xo", "DIR is missing: A new folder for the pictures. See 'trainer data xo --help'.")]
    [DataRow("data xs d", "'xs' is no command of 'trainer data'; did you mean 'xo'? See 'trainer data --help'.")]
    [DataRow("evaluate n.onnx", "--data DIR is missing: Folder of the data set. See 'trainer evaluate --help'.")]
    [DataRow("evaluate n.onnx --data d --seed 1", "'--seed' is no option of 'trainer evaluate'. See 'trainer evaluate --help'.")]
    [DataRow("parity n.onnx --device cpu", "'--device' is no option of 'trainer parity'. See 'trainer parity --help'.")]
    [DataRow("data xo d --threads 1", "'--threads' is no option of 'trainer data xo'. See 'trainer data xo --help'.")]
    public void Run_WrongUse_IsOneLine(string words, string message)
    {
        using var error = new StringWriter();
        Assert.AreEqual(2, CommandHost.Run(TrainerCommands.Root(), words.Split(' '), TextWriter.Null, error));
        Assert.AreEqual($"error: {message}{Environment.NewLine}", error.ToString());
    }

    [TestMethod]
    public void Help_OfEachCommand_HasEachOptionOnce()
    {
        foreach (Command command in TrainerCommands.Root().Subcommands.SelectMany(c => c.Subcommands.Prepend(c)))
        {
            string[] rows = [.. HelpPage.Lines(command, 100)
                .Where(line => line.StartsWith("      --", StringComparison.Ordinal) || line.StartsWith("  -", StringComparison.Ordinal))];
            foreach (Option option in command.Options)
                Assert.AreEqual(1, rows.Count(row => row[6..].Split(' ')[0] == option.Name), $"{command.Name} {option.Name}");
        }
    }
}
