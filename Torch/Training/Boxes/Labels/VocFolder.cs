using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// A set in Pascal VOC's format: an XML file for each picture. Classes are in the order of their names.
/// <code>
/// set/Annotations/000005.xml      set/ImageSets/Main/train.txt, val.txt, test.txt: names of the pictures of a part, a line each
/// set/JPEGImages/000005.jpg       or set/train/1.jpg beside set/train/1.xml
/// </code>
/// </summary>
internal static class VocFolder
{
    private static readonly string[] Corners = ["xmin", "ymin", "xmax", "ymax"];

    private static readonly XmlReaderSettings Safe = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>Reads a set; null where a folder is none.</summary>
    /// <param name="folder">The set, or the folder around it.</param>
    /// <param name="notes">Gets what is wrong with the labels.</param>
    /// <exception cref="BadInputException">A file is no XML, or cannot be read.</exception>
    public static LabelledSet? Read(string folder, LabelNotes notes)
    {
        string root = RootOf(folder);
        (string Part, string[] Pictures)[] parts = Parts(root);
        if (parts.Length == 0)
            return null;
        (string Part, Annotated[] Pictures)[] read = [.. parts.Select(p =>
            (p.Part, p.Pictures.Select(path => Open(root, path, notes)).OfType<Annotated>().ToArray()))];
        string[] classes = [.. read.SelectMany(p => p.Pictures).SelectMany(p => p.Objects).Select(NameOf).OfType<string>().Distinct()
            .Order(StringComparer.Ordinal)];
        return new LabelledSet("VOC", classes, [.. read.Select(p =>
            new LabelledPart(p.Part, [.. p.Pictures.Select(picture => picture.Labelled(classes, notes))]))]);
    }

    // VOCdevkit/VOC2012, or the set itself.
    private static string RootOf(string folder)
    {
        for (string? at = folder; at is not null; at = Directory.EnumerateDirectories(at).Where(d =>
            Path.GetFileName(d).StartsWith("VOC", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).FirstOrDefault())
            if (SetFiles.Folder(at, "Annotations") is not null)
                return at;
        return folder;
    }

    private static (string, string[])[] Parts(string root)
    {
        if (SetFiles.Folder(root, "Annotations") is { } annotations && SetFiles.Folder(root, "JPEGImages", "images") is { } images)
        {
            if (!Directory.EnumerateFiles(annotations, "*.xml").Any())
                return [];
            string[] all = SetFiles.Pictures(images);
            string? lists = SetFiles.Folder(root, "ImageSets") is { } sets ? SetFiles.Folder(sets, "Main") ?? sets : null;
            (string, string[])[] listed = lists is null ? [] : [.. SetFiles.Parts
                .Where(p => File.Exists(Path.Combine(lists, p.Part + ".txt")))
                .Select(p => (p.Part, Named(Path.Combine(lists, p.Part + ".txt"), images, all)))];
            return listed.Length > 0 ? listed : [(SetFiles.Undivided, all)];
        }

        (string Part, string? Folder)[] beside = [.. SetFiles.Parts.Select(p => (p.Part, SetFiles.Folder(root, p.Names))),
            (SetFiles.Undivided, root)];
        (string, string[])[] found = [.. beside.Where(p => p.Folder is not null && Directory.EnumerateFiles(p.Folder, "*.xml").Any())
            .Select(p => (p.Part, SetFiles.Pictures(p.Folder!)))];
        return found;
    }

    // The first word of a line; lists of one class have 1 or −1 behind it.
    private static string[] Named(string list, string images, string[] all)
    {
        Dictionary<string, string> byName = all.GroupBy(p => Path.GetFileNameWithoutExtension(p)).ToDictionary(g => g.Key, g => g.First());
        return [.. SetFiles.Lines(list).Select(line => line.Split(' ', 2)[0])
            .Select(name => byName.GetValueOrDefault(name) ?? Path.Combine(images, name + ".jpg"))];
    }

    private static Annotated? Open(string root, string picture, LabelNotes notes)
    {
        string name = Path.GetFileNameWithoutExtension(picture) + ".xml", beside = Path.ChangeExtension(picture, ".xml");
        string file = SetFiles.Folder(root, "Annotations") is { } own ? Path.Combine(own, name) : beside;
        try
        {
            Size size = PictureSize.Read(picture);
            notes.Add(picture, File.Exists(file));
            return new Annotated(picture, size, file, File.Exists(file) ? Load(file) : null);
        }
        catch (BadInputException fault)
        {
            notes.LeaveOut(fault.Message);
            return null;
        }
    }

    private static XElement Load(string path)
    {
        try
        {
            using var reader = XmlReader.Create(path, Safe);
            return XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
        }
        catch (XmlException fault)
        {
            // what is prohibited has no line
            throw new BadInputException(fault.LineNumber > 0 ? $"{path}:{fault.LineNumber}: is no XML: {fault.Message}"
                : $"{path}: has a document type (DTD), which is not read; expected plain XML", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    private static string? NameOf(XElement thing) => thing.Element("name")?.Value.Trim() is { Length: > 0 } name ? name : null;

    private sealed record Annotated(string Path, Size Size, string File, XElement? Root)
    {
        // Parts of a thing have boxes, too, and are no things of their own.
        public IEnumerable<XElement> Objects => Root?.Elements("object") ?? [];

        public BoxPicture Labelled(string[] classes, LabelNotes notes)
        {
            if (Root?.Element("size") is { } size && Number(size, "width") is { } width && Number(size, "height") is { } height
                && width > 0 && height > 0 && (width, height) != (Size.Width, Size.Height))
                notes.Tell($"{Where(size)}: says {width}x{height}, and the picture is {Size.Width}x{Size.Height}, which counts");
            List<LabelledBox> boxes = [], ignored = [];
            foreach (XElement thing in Objects)
            {
                XElement? corners = thing.Element("bndbox");
                double?[] sides = [.. Corners.Select(name => corners is null ? null : Number(corners, name))];
                if (NameOf(thing) is not { } name)
                    notes.Refuse(Where(thing), "the object has no name");
                else if (sides is not [{ } left, { } top, { } right, { } bottom])
                    notes.Refuse(Where(thing), "the object has no bndbox of four numbers: xmin, ymin, xmax, ymax");
                // pixels are counted from 1, and the last one is inside
                else if (notes.Check(Where(thing), Array.IndexOf(classes, name),
                    new Rect2d(left - 1, top - 1, right - left + 1, bottom - top + 1), Size, classes.Length) is { } box)
                    (Number(thing, "difficult") is 1 ? ignored : boxes).Add(box);
            }

            return new BoxPicture(Path, Size, [.. boxes]) { Ignored = [.. ignored] };
        }

        private string Where(XElement element) => $"{File}:{((IXmlLineInfo)element).LineNumber}";

        private static double? Number(XElement parent, string name) => double.TryParse(parent.Element(name)?.Value,
            NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
    }
}
