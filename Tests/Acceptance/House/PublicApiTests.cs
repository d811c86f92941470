using System.Reflection;
using CnnOnnx.Inference;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using PublicApiGenerator;

namespace CnnOnnx.Tests.House;

/// <summary>
/// What a library shows to its users is a list that somebody has read: a change of it has to be made in its PublicApi file too.
/// </summary>
[TestClass]
public sealed class PublicApiTests
{
    // Attributes say how it is implemented.
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        ExcludeAttributes =
        [
            "System.Text.Json.Serialization.JsonConverterAttribute", "System.Text.Json.Serialization.JsonIgnoreAttribute",
            "System.Runtime.CompilerServices.ParamCollectionAttribute", "System.Runtime.CompilerServices.ScopedRefAttribute",
        ],
    };

    private static readonly Dictionary<string, Assembly> Libraries = new()
    {
        ["PublicApi"] = typeof(ActivationSession).Assembly,
        ["PublicApi.Torch"] = typeof(ModelTrainer).Assembly,
    };

    [TestMethod]
    [DataRow("PublicApi")]
    [DataRow("PublicApi.Torch")]
    public void PublicApi_OfALibrary_IsTheReviewedOne(string list)
    {
        string[] reviewed = File.ReadAllLines(Path.Combine(Repository.Root, "Tests", "Acceptance", "House", list + ".txt"));
        string[] actual = Libraries[list]
            .GeneratePublicApi(Options)
            .ReplaceLineEndings("\n").TrimEnd().Split('\n');
        if (actual.SequenceEqual(reviewed))
            return;
        string received = Path.Combine(Repository.Root, "artifacts", list + ".received.txt");
        File.WriteAllLines(received, actual);
        string[] changes = [.. actual.Except(reviewed).Select(l => "+" + l), .. reviewed.Except(actual).Select(l => "-" + l)];
        Assert.Fail($"The public surface has changed; when that is meant, copy {received} over {list}.txt:\n{string.Join('\n', changes)}");
    }
}
