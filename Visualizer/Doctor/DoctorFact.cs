namespace CnnOnnx.Visualizer.Doctor;

/// <param name="Name">What it is about.</param>
/// <param name="Words">What was found.</param>
/// <param name="State">Whether that is good.</param>
internal sealed record DoctorFact(string Name, string Words, FactState State = FactState.Neutral)
{
    public static DoctorFact Of(string name, bool works, string words) => new(name, words, works ? FactState.Works : FactState.Missing);
}
