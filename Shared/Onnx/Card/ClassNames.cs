using System.Text;

namespace CnnOnnx.Onnx;

/// <summary>
/// Names of classes, in the order of a network's outputs: those of a file, and those that many networks share.
/// </summary>
public static class ClassNames
{
    // Exporters that name the class of no object count it as the first.
    private const string Background = "background";

    /// <summary>Name of a number that a set of names leaves out.</summary>
    internal const string Unused = "unused";

    // Numbers from 1 to 90 that COCO planned and does not use.
    private static readonly int[] UnusedByCoco = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83];

    private static readonly string[] BackgroundNames = [Background, "__background__", "dummy", "none"];

    /// <summary>Sets of names that the library carries: name → names.</summary>
    private static readonly Dictionary<string, Func<string[]>> Carried = new(StringComparer.OrdinalIgnoreCase)
    {
        ["imagenet"] = () => ImageNet,
        ["coco"] = () => Coco,
        ["coco91"] = () => CocoByNumber,
    };

    /// <summary>The 1000 classes of ImageNet (ILSVRC 2012) in the order of their WordNet numbers, from tench to toilet tissue.</summary>
    public static string[] ImageNet => field ??= Resource("imagenet.names");

    /// <summary>The 80 classes of MS COCO, from person to toothbrush.</summary>
    public static string[] Coco => field ??= Resource("coco.names");

    /// <summary>
    /// The names of COCO's numbers 1 to 90, for networks whose classes are those numbers, such as torchvision's and TensorFlow's; ten
    /// of them are "unused".
    /// </summary>
    public static string[] CocoByNumber => field ??=
        [.. Enumerable.Range(1, 90).Select(id => UnusedByCoco.Contains(id) ? Unused : Coco[id - 1 - UnusedByCoco.Count(u => u < id)])];

    /// <summary>
    /// Reads names from a file: text with a name a line, also behind its number or WordNet number; a JSON array; a JSON object of index →
    /// name, Keras' index → [WordNet number, name], or name → index; a dictionary as Python prints it.
    /// </summary>
    /// <param name="fileOrName">Path of a file, or imagenet, coco, or coco91 for <see cref="CocoByNumber"/>.</param>
    /// <returns>The names by index, from 0.</returns>
    /// <exception cref="BadInputException">There is no such file, or it holds no names, or indices are missing.</exception>
    public static string[] Read(string fileOrName)
    {
        if (Carried.TryGetValue(fileOrName, out Func<string[]>? carried) && !File.Exists(fileOrName))
            return carried();
        try
        {
            string text = File.ReadAllText(fileOrName, Encoding.UTF8);
            // No text has it, and few other files have not.
            if (text.Contains('\0'))
                throw new BadInputException($"{fileOrName}: is no text, expected a file of class names");
            return ClassNameText.Parse(text, fileOrName);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{fileOrName}: does not exist; expected a file of class names, or "
                + $"{string.Join(" or ", Carried.Keys)}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{fileOrName}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Names for a number of outputs: as they are, or with the class of the background put in front or taken away.</summary>
    /// <param name="names">The names that were given.</param>
    /// <param name="outputs">Number of classes that the network tells apart.</param>
    /// <returns>Null where the numbers do not fit; the remark says what was changed, and is empty where nothing was.</returns>
    internal static (string[] Names, string Remark)? Fit(string[] names, int outputs) =>
        names.Length == outputs ? (names, "")
        : names.Length == outputs - 1 && !IsBackground(names[0])
            ? ([Background, .. names], $"the model has {outputs} outputs for {names.Length} names: the first is taken for the background")
        : names.Length == outputs + 1 && IsBackground(names[0])
            ? (names[1..], $"the model has {outputs} outputs for {names.Length} names: '{names[0]}' is left out")
        : null;

    private static bool IsBackground(string name) => BackgroundNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string[] Resource(string name)
    {
        using Stream stream = typeof(ClassNames).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return ClassNameText.Parse(reader.ReadToEnd(), name);
    }
}
