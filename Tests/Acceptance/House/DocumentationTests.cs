using System.Reflection;
using System.Xml.Linq;
using CnnOnnx.Inference;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Tests.House;

/// <summary>
/// What a library shows to its users can be read where they type: the compiler asks for a comment on every public member, this for
/// a summary in it and a line for every parameter, a record's too.
/// </summary>
[TestClass]
public sealed class DocumentationTests
{
    [TestMethod]
    [DataRow(typeof(ActivationSession))]
    [DataRow(typeof(ModelTrainer))]
    public void Documentation_OfALibrary_HasSummariesAndParameters(Type inLibrary)
    {
        Assembly library = inLibrary.Assembly;
        HashSet<string> shown = [.. library.GetExportedTypes().SelectMany(SignaturesOf)];
        XElement[] members = [.. XDocument.Load(Path.ChangeExtension(library.Location, ".xml")).Descendants("member")
            .Where(member => shown.Contains(Signature(IdOf(member))))];
        Assert.IsGreaterThan(100, members.Length, "the documentation is not that of the library");
        string[] gaps = [.. members.Where(m => m.Element("inheritdoc") is null)
            .Where(m => m.Element("summary") is null || m.Elements("param").Count() < Parameters(IdOf(m)).Length)
            .Select(IdOf)];
        Assert.IsEmpty(gaps, $"No summary, or a parameter that is not described: {string.Join(Environment.NewLine, gaps)}");
    }

    [TestMethod]
    [DataRow("T:CnnOnnx.X", "CnnOnnx.X()")]
    [DataRow("M:CnnOnnx.X.#ctor(System.String)", "CnnOnnx.X.#ctor(String)")]
    [DataRow("M:CnnOnnx.X.As``1", "CnnOnnx.X.As()")]
    [DataRow("M:CnnOnnx.X.Run(System.Collections.Generic.IReadOnlyDictionary{System.String,System.Int32[0:,0:]},System.Int32[])",
        "CnnOnnx.X.Run(IReadOnlyDictionary,Int32)")]
    public void Signature_OfAMember_IsNameAndTypes(string id, string expected) => Assert.AreEqual(expected, Signature(id));

    private static string IdOf(XElement member) => (string)member.Attribute("name")!;

    private static IEnumerable<string> SignaturesOf(Type type)
    {
        string name = type.FullName!.Replace('+', '.');
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetMembers(Own).Select(member => $"{name}.{member.Name.Replace('.', '#')}({Types(member switch
        {
            MethodBase method => method.GetParameters(),
            PropertyInfo property => property.GetIndexParameters(),
            _ => [],
        })})").Append($"{name}()");
    }

    private static string Types(ParameterInfo[] parameters) => string.Join(',', parameters.Select(p => Plain(p.ParameterType.Name)));

    // "M:Namespace.Type.Member``1(A{B},C)" as Namespace.Type.Member(A,C).
    private static string Signature(string id) =>
        $"{id[2..].Split('(')[0].Split("``")[0]}({string.Join(',', Parameters(id).Select(p => Plain(p.Split('{')[0].Split('.')[^1])))})";

    // A type's own name, without its arguments, brackets and the sign of a reference.
    private static string Plain(string type) => type.Split('`', '[', '@', '&')[0];

    // Those between commas that are not inside {type arguments} or [bounds of arrays].
    private static string[] Parameters(string id)
    {
        if (!id.Contains('('))
            return [];
        int depth = 0;
        return string.Concat(id[(id.IndexOf('(') + 1)..].Split(')')[0].Select(c =>
        {
            depth += c is '{' or '[' ? 1 : c is '}' or ']' ? -1 : 0;
            return c == ',' && depth == 0 ? ';' : c;
        })).Split(';');
    }
}
