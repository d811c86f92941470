using CnnOnnx.Cli;

namespace CnnOnnx.Visualizer.Doctor;

/// <summary>What the doctor found.</summary>
/// <param name="Verdict">One line.</param>
/// <param name="NextSteps">What to do about what does not work; empty when all is well.</param>
internal sealed record DoctorReport(string Verdict, string[] NextSteps, DoctorSection[] Sections)
{
    /// <summary>True when models can be run and pictures drawn at all.</summary>
    public required bool Works { get; init; }

    public IEnumerable<string> Lines()
    {
        foreach (DoctorSection section in Sections)
        {
            yield return section.Title;
            var table = new TextTable("", "", "");
            foreach (DoctorFact fact in section.Facts)
                table.Add(fact.State switch { FactState.Works => "  +", FactState.Missing => "  -", _ => "   " }, fact.Name, fact.Words);
            foreach (string line in table.Lines().Skip(1))
                yield return line;
            yield return "";
        }

        yield return $"verdict: {Verdict}";
        foreach (string step in NextSteps)
            yield return $"  next: {step}";
    }
}
