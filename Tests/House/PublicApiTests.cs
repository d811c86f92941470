using CnnOnnx.Inference;
using CnnOnnx.Tests.Support;
using PublicApiGenerator;

namespace CnnOnnx.Tests.House;

/// <summary>
/// What the library shows to its users is a list that somebody has read: a change of it has to be made in PublicApi.txt too.
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

    [TestMethod]
    public void PublicApi_OfTheLibrary_IsTheReviewedOne()
    {
        string path = Path.Combine(Repository.Root, "Tests", "House", "PublicApi.txt");
        string[] reviewed = File.ReadAllLines(path);
        string[] actual = typeof(ActivationSession).Assembly
            .GeneratePublicApi(Options)
            .ReplaceLineEndings("\n").TrimEnd().Split('\n');
        if (actual.SequenceEqual(reviewed))
            return;
        string received = Path.Combine(Repository.Root, "artifacts", "PublicApi.received.txt");
        File.WriteAllLines(received, actual);
        string[] changes = [.. actual.Except(reviewed).Select(l => "+" + l), .. reviewed.Except(actual).Select(l => "-" + l)];
        Assert.Fail($"The public surface has changed; when that is meant, copy {received} over PublicApi.txt:\n{string.Join('\n', changes)}");
    }
}
