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
    [DataRow("train lenet --data d -o n.onnx --threads 100000",
        "--threads is '100000', expected a whole number from 1 to 1024. See 'trainer train --help'.")]
    [DataRow("train lenet --data d -o n.onnx --seed 99999999999",
        "--seed is '99999999999', expected a whole number from -2147483648 to 2147483647. See 'trainer train --help'.")]
    [DataRow("train mobilenetv2 --width 1e-9 --data d -o n.onnx",
        "--width is '1e-9', expected a number from 0.1 to 4. See 'trainer train --help'.")]
    [DataRow("train mobilenetv2-0.5 --width 0.5 --data d -o n.onnx",
        "'mobilenetv2-0.5' says its width in its name; got a width of 0.5 as well, which is for mobilenetv2 or yolov3")]
    [DataRow("parity n.onnx --rtol -1", "--rtol is '-1', expected a number from 0 on, such as 1e-3. See 'trainer parity --help'.")]
    [DataRow("parity n.onnx --noise nan", "--noise is 'nan', expected a number above 0. See 'trainer parity --help'.")]
    public void Run_WrongUse_IsOneLine(string words, string message)
    {
        using var error = new StringWriter();
        Assert.AreEqual(2, CommandHost.Run(TrainerCommands.Root(), words.Split(' '), TextWriter.Null, error));
        Assert.AreEqual($"error: {message}{Environment.NewLine}", error.ToString());
    }

    // As the recipes and the table of changes have them: what the help says cannot be something else.
    [TestMethod]
    [DataRow("20 (lenet, xo-3conv, a detector's file)")]
    [DataRow("512 (lenet)")]
    [DataRow("xavier (lenet, xo, xo-3conv, xo-wide")]
    [DataRow("hsv=0.015:0.7:0.4 (largest change of hue, saturation and value; or a number each, HUE:SATURATION:VALUE")]
    public void Help_OfTrain_SaysWhatIsUsual(string words)
    {
        Command train = TrainerCommands.Root().Subcommands.Single(command => command.Name == "train");
        StringAssert.Contains(string.Join(' ', train.Options.Select(option => option.Description)), words);
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
