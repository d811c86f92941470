using System.Globalization;
using System.Xml.Linq;
using CnnOnnx.Compare;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>A comparison as JUnit XML, as continuous integration shows it: one test case a pair.</summary>
internal static class JUnitFile
{
    public static void Write(string path, ComparisonResult result)
    {
        XElement[] cases = [.. result.Pairs.Select(pair => new XElement("testcase",
            new XAttribute("classname", Path.GetFileNameWithoutExtension(result.ModelB)), new XAttribute("name", pair.Pair.B),
            pair.Finding == PairFinding.Equal ? null : new XElement("failure",
                new XAttribute("type", pair.Finding.ToString()),
                new XAttribute("message", string.Create(CultureInfo.InvariantCulture,
                    $"relative error {pair.Cumulative.RelativeError:0.###e+0}, allowed {pair.Tolerance.Relative:0.###e+0}"
                    + $"{(pair.Local is { } local ? $"; of this layer alone {local.RelativeError:0.###e+0}" : "")}")))))];
        var document = new XDocument(new XElement("testsuite",
            new XAttribute("name", $"{result.ModelA} against {result.ModelB}"),
            new XAttribute("tests", cases.Length),
            new XAttribute("failures", result.Pairs.Count(p => p.Finding != PairFinding.Equal)),
            cases));
        AtomicFile.Write(path, stream => document.Save(stream));
    }
}
