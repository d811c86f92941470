using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Which room knows which: read from compiled code, so what comments and strings name does not count.</summary>
internal sealed partial class RoomGraph
{
    private static readonly OpCode[] Codes = [.. typeof(OpCodes).GetFields().Select(field => field.GetValue(null)).OfType<OpCode>()];
    private static readonly Dictionary<short, OpCode> ByValue = Codes.ToDictionary(code => code.Value);

    private readonly Dictionary<string, string> _rooms = [];
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _edges = new(StringComparer.Ordinal);

    /// <param name="project">Name of a project's folder.</param>
    /// <param name="assembly">What it is compiled to.</param>
    public RoomGraph(string project, Assembly assembly)
    {
        string root = Path.Combine(Repository.Root, project);
        foreach (string path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string room = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!).Replace('\\', '/');
            if (room.Split('/') is [_, "obj" or "bin", ..])
                continue;
            foreach (Match type in Declaration().Matches(File.ReadAllText(path)))
                _rooms[type.Groups[1].Value] = room;
        }

        foreach (Type type in assembly.GetTypes())
            foreach (Type used in Uses(type))
                Add(type, used);
    }

    /// <summary>Rooms that a room knows, each with one line of code that knows it: "Type → Type".</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, string>> Edges => _edges;

    /// <summary>Rooms that know one another in a circle, each circle as one line; none in a house in order.</summary>
    public IEnumerable<string> Circles()
    {
        var done = new HashSet<string>();
        var way = new List<string>();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        void Visit(string room)
        {
            int start = way.IndexOf(room);
            if (start >= 0)
                found.Add(string.Join(", ",
                    way.Skip(start).Append(room).Zip(way.Skip(start + 1).Append(room), (from, to) => (from, to)).Where(e => e.from != e.to)
                    .Select(e => $"{e.from} → {e.to} ({_edges[e.from][e.to]})")));
            if (start >= 0 || !done.Add(room))
                return;
            way.Add(room);
            foreach (string next in _edges.TryGetValue(room, out SortedDictionary<string, string>? known) ? known.Keys
                : Enumerable.Empty<string>())
                Visit(next);
            way.RemoveAt(way.Count - 1);
        }

        foreach (string room in _edges.Keys)
            Visit(room);
        return found;
    }

    private void Add(Type from, Type to)
    {
        if (RoomOf(from) is not { } room || RoomOf(to) is not { } other || room == other)
            return;
        if (!_edges.TryGetValue(room, out SortedDictionary<string, string>? known))
            _edges[room] = known = new SortedDictionary<string, string>(StringComparer.Ordinal);
        known.TryAdd(other, $"{Outermost(from).Name} → {Outermost(to).Name}");
    }

    private string? RoomOf(Type type)
    {
        Type outer = Outermost(type);
        return outer.Namespace?.StartsWith("CnnOnnx", StringComparison.Ordinal) == true
            ? _rooms.GetValueOrDefault(outer.Name.Split('`')[0]) : null;
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    private static IEnumerable<Type> Uses(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance
            | BindingFlags.DeclaredOnly;
        IEnumerable<Type?> own = [type.BaseType, .. type.GetInterfaces(), .. type.GetFields(All).Select(f => f.FieldType)];
        IEnumerable<MethodBase> methods = [.. type.GetMethods(All), .. type.GetConstructors(All)];
        return own.OfType<Type>().Concat(methods.SelectMany(UsesOf)).SelectMany(Parts);
    }

    private static IEnumerable<Type> UsesOf(MethodBase method)
    {
        IEnumerable<Type> signature = method.GetParameters().Select(p => p.ParameterType);
        if (method is MethodInfo { ReturnType: { } result })
            signature = signature.Append(result);
        return method.GetMethodBody() is { } body
            ? signature.Concat(body.LocalVariables.Select(l => l.LocalType)).Concat(Instructions(method, body.GetILAsByteArray()!))
            : signature;
    }

    // ECMA-335, III.1.9: an instruction's operand is a token where it names a member or a type.
    private static List<Type> Instructions(MethodBase method, byte[] code)
    {
        Type[]? ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        var used = new List<Type>();
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | code[at++]);
            OperandType operand = ByValue[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                MemberInfo member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
                used.Add(member as Type ?? member.DeclaringType!);
                if (member is MethodInfo { IsGenericMethod: true } generic)
                    used.AddRange(generic.GetGenericArguments());
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }

        return used;
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    [GeneratedRegex(@"^(?:public|internal)\s+(?:static |sealed |abstract |partial |readonly |ref |unsafe )*"
        + @"(?:class|record struct|record|struct|enum|interface|delegate [\w<>\[\]?., ]+?)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
