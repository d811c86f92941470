using System.Text.Json.Serialization;
using CnnOnnx.Cli;

namespace CnnOnnx.Visualizer.Doctor;

/// <summary>The doctor's findings.</summary>
/// <param name="Verdict">One line.</param>
/// <param name="NextSteps">Steps that mend what does not work; empty when all is well.</param>
internal sealed record DoctorReport(string Verdict, string[] NextSteps, DoctorSection[] Sections)
{
    /// <summary>True when models can be run and pictures drawn at all.</summary>
    public required bool Works { get; init; }

    /// <summary>Title of the section whose missing things are told in one line, since nobody asked for them; null for none.</summary>
    [JsonIgnore]
    public string? Folded { get; init; }

    public IEnumerable<string> Lines()
    {
        foreach (DoctorSection section in Sections)
        {
            yield return section.Title;
            var table = new TextTable("", "", "");
            foreach (DoctorFact fact in section.Title == Folded ? Fold(section.Facts) : section.Facts)
                table.Add(fact.State switch { FactState.Works => "  +", FactState.Missing => "  -", _ => "   " }, fact.Name, fact.Words);
            foreach (string line in table.Lines().Skip(1))
                yield return line;
            yield return "";
        }

        yield return $"verdict: {Verdict}";
        foreach (string step in NextSteps)
            yield return $"  next: {step}";
    }

    private static IEnumerable<DoctorFact> Fold(DoctorFact[] facts)
    {
        int missing = facts.Count(fact => fact.State == FactState.Missing);
        return missing < 2 ? facts : facts.Where(fact => fact.State == FactState.Works).Prepend(new DoctorFact($"{missing} libraries",
            "missing; no GPU is seen and none was asked for ('visualizer doctor --device cuda' lists them)"));
    }
}

/// <summary>Facts about one thing.</summary>
internal sealed record DoctorSection(string Title, DoctorFact[] Facts)
{
    /// <summary>Facts that may not be had at all, because a native library does not load: then that is the fact.</summary>
    public static DoctorSection Try(string title, Func<IEnumerable<DoctorFact>> look)
    {
        try
        {
            return new DoctorSection(title, [.. look()]);
        }
        // A static constructor that fails wraps the reason; the innermost one is what helps.
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Exception reason = fault.GetBaseException();
            return new DoctorSection(title, [new DoctorFact("cannot be loaded", FirstLine(reason.Message), FactState.Missing)]);
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}

/// <param name="Name">Subject of the fact.</param>
/// <param name="Words">The finding.</param>
/// <param name="State">Judgement of the finding.</param>
internal sealed record DoctorFact(string Name, string Words, FactState State = FactState.Neutral)
{
    public static DoctorFact Of(string name, bool works, string words) => new(name, words, works ? FactState.Works : FactState.Missing);
}

internal enum FactState
{
    /// <summary>Neither good nor bad.</summary>
    Neutral,
    Works,
    Missing,
}
