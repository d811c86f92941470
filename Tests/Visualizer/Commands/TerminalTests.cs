using CnnOnnx.Cli;

namespace CnnOnnx.Tests.Commands;

/// <summary>What a person sees: a bar that gives way to results, and names that are cut where they say least.</summary>
[TestClass]
public sealed class TerminalTests
{
    // One screen for both streams, as on a terminal.
    private readonly StringWriter _screen = new() { NewLine = "\n" };

    [TestMethod]
    public void Result_WhileABarIsShown_StandsOnALineOfItsOwn()
    {
        Terminal terminal = Watched(80);
        using (Progress bar = terminal.Start("drawing", 2, "tensors"))
        {
            bar.Advance(2);
            terminal.Result("a.png: 2 tensors in out");
            terminal.Note("a remark");
        }

        CollectionAssert.AreEqual(new[] { "a.png: 2 tensors in out", "a remark", "" },
            _screen.ToString().Split('\n').Select(line => line.Split('\r')[^1]).ToArray());
        // Before it the bar was overwritten with as many spaces as it had characters.
        string[] written = _screen.ToString().Split('\n')[0].Split('\r');
        Assert.Contains("drawing ", written[1]);
        Assert.AreEqual(new string(' ', written[1].Length), written[2]);
    }

    [TestMethod]
    public void Json_WhileABarIsShown_IsWholeLines()
    {
        var terminal = new Terminal { Out = _screen, Error = _screen, IsInteractive = true, Json = true };
        using Progress bar = terminal.Start("drawing", 1, "tensors");
        bar.Advance();
        terminal.JsonResult(new { A = 1 });
        Assert.Contains("\r{\n  \"a\": 1\n}\n", _screen.ToString());
    }

    [TestMethod]
    public void Bar_OnANarrowTerminal_FitsIntoALine()
    {
        Terminal terminal = Watched(30);
        using (Progress bar = terminal.Start("drawing", 10, "tensors"))
            bar.Advance(10, "with many details");
        Assert.IsLessThan(30, _screen.ToString().Split('\r').Max(part => part.Length));
    }

    // Of a hundred steps, one a second.
    [TestMethod]
    public void Milestones_Redirected_AreOneATenth()
    {
        var clock = new Clock();
        var terminal = new Terminal { Out = TextWriter.Null, Error = _screen };
        using (var bar = new Progress(terminal, "dumping", 100, "inputs", clock))
            for (int i = 0; i < 100; i++)
            {
                clock.Seconds++;
                bar.Advance();
            }

        string[] lines = _screen.ToString().TrimEnd().Split('\n');
        Assert.HasCount(9, lines);
        Assert.AreEqual("dumping 10/100 inputs  1 inputs/s  01:30 left", lines[0]);
    }

    [TestMethod]
    public void Milestones_OfShortWork_AreNone()
    {
        var clock = new Clock();
        using (var bar = new Progress(new Terminal { Out = TextWriter.Null, Error = _screen }, "dumping", 9, "inputs", clock))
            for (int i = 0; i < 9; i++)
            {
                clock.Seconds++;
                bar.Advance();
            }

        Assert.AreEqual("", _screen.ToString());
    }

    [TestMethod]
    public void Warning_WithQuiet_IsStillWritten()
    {
        var terminal = new Terminal { Out = TextWriter.Null, Error = _screen, Quiet = true };
        terminal.Note("not this");
        terminal.Warning("this");
        Assert.AreEqual("warning: this\n", _screen.ToString());
    }

    [TestMethod]
    [DataRow("/features/features.3/conv/Relu_output_0", 20, "/featu…Relu_output_0")]
    [DataRow("short", 20, "short")]
    public void Cut_LongName_KeepsItsEnds(string name, int width, string expected)
    {
        Assert.AreEqual(expected, TextTable.Cut(name, width));
        Assert.IsLessThanOrEqualTo(width, TextTable.Cut(name, width).Length);
    }

    [TestMethod]
    public void Lines_WiderThanTheTerminal_CutNamesOnly()
    {
        var table = new TextTable(">#", "~tensor", "shape");
        table.Add("1", new string('a', 30) + new string('b', 30), "[1, 2]");
        Assert.AreEqual($"1  {new string('a', 30)}{new string('b', 30)}  [1, 2]", table.Lines().Last());
        Assert.AreEqual(40, table.Lines(40).Last().Length);
        Assert.EndsWith("b  [1, 2]", table.Lines(40).Last());
        // What may not be cut stays, however narrow the terminal is.
        Assert.AreEqual("1  aaa…bbbbbbbb  [1, 2]", table.Lines(5).Last());
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    private Terminal Watched(int columns) =>
        new() { Out = _screen, Error = _screen, IsInteractive = true, Columns = columns, ErrorColumns = columns };
}
