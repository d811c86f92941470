using System.Globalization;
using System.Numerics;

namespace CnnOnnx.Formats;

/// <summary>
/// Reads a pickle as data. Python's own reader calls any function that a pickle names; this one knows the opcodes that files of
/// weights are made of, makes values of the classes that it was given and records of all others, and runs nothing.
/// https://docs.python.org/3/library/pickletools.html
/// </summary>
internal sealed class PickleReader
{
    // An opcode is a byte and may make an object: the number bounds the memory.
    private const int MostOperations = 8_000_000;
    private const int MostDigits = 32;

    private static readonly Action<PickleReader>?[] Table = Opcodes();

    private readonly PickleBytes _bytes;
    private readonly PickleClasses _classes;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private bool _isDone;

    private PickleReader(PickleBytes bytes, PickleClasses classes) => (_bytes, _classes) = (bytes, classes);

    /// <summary>Reads one pickle; the bytes stand behind it afterwards.</summary>
    /// <param name="bytes">The bytes, at the pickle's first.</param>
    /// <param name="classes">Classes that become values.</param>
    /// <returns>
    /// Null, bool, long, BigInteger, double, string, byte[], object?[] (a tuple), List (a list or set), PickleDictionary,
    /// PickleGlobal, PickleRecord, or a value of the classes.
    /// </returns>
    /// <exception cref="BadInputException">Not a pickle, damaged, or of opcodes that no file of weights has.</exception>
    public static object? Read(PickleBytes bytes, PickleClasses classes)
    {
        var reader = new PickleReader(bytes, classes);
        for (int count = 0; !reader._isDone; count++)
        {
            if (count == MostOperations)
                throw bytes.Fault($"has more than {MostOperations} operations, expected the names and shapes of weights");
            byte code = bytes.Byte();
            Action<PickleReader> operation = Table[code]
                ?? throw bytes.Fault($"has opcode 0x{code:x2}, which no file of weights has; it is damaged or of another kind");
            try
            {
                operation(reader);
            }
            catch (PickleCallException fault)
            {
                throw bytes.Fault(fault.Message);
            }
        }

        return reader.Pop();
    }

    private static Action<PickleReader>?[] Opcodes()
    {
        var table = new Action<PickleReader>?[256];
        table[0x80] = r => _ = r._bytes.Byte();
        table[0x95] = r => _ = r._bytes.UInt64();
        table['.'] = r => r._isDone = true;
        table['('] = r => r._marks.Add(r._stack.Count);
        table['0'] = r => _ = r.Pop();
        table['1'] = r => _ = r.PopMark();
        table['2'] = r => r._stack.Add(r.Peek());

        table['N'] = r => r._stack.Add(null);
        table[0x88] = r => r._stack.Add(true);
        table[0x89] = r => r._stack.Add(false);
        table['J'] = r => r._stack.Add((long)(int)r._bytes.UInt32());
        table['K'] = r => r._stack.Add((long)r._bytes.Byte());
        table['M'] = r => r._stack.Add((long)r._bytes.UInt16());
        table[0x8a] = r => r._stack.Add(r.Long(r._bytes.Byte()));
        table[0x8b] = r => r._stack.Add(r.Long(r._bytes.UInt32()));
        table['I'] = r => r._stack.Add(r.TextInt());
        table['L'] = r => r._stack.Add(r.Number(r._bytes.Line().TrimEnd('L')));
        table['G'] = r => r._stack.Add(r._bytes.Double());
        table['F'] = r => r._stack.Add(double.TryParse(r._bytes.Line(), CultureInfo.InvariantCulture, out double number) ? number
            : throw r._bytes.Fault("has a text that is no number"));

        table['X'] = r => r._stack.Add(r._bytes.Text(r._bytes.UInt32()));
        table[0x8c] = r => r._stack.Add(r._bytes.Text(r._bytes.Byte()));
        table[0x8d] = r => r._stack.Add(r._bytes.Text(r._bytes.UInt64()));
        table['U'] = table['C'] = r => r._stack.Add(r._bytes.Take(r._bytes.Byte()));
        table['T'] = table['B'] = r => r._stack.Add(r._bytes.Take(r._bytes.UInt32()));
        table[0x8e] = table[0x96] = r => r._stack.Add(r._bytes.Take(r._bytes.UInt64()));

        table[')'] = r => r._stack.Add(Array.Empty<object?>());
        table['t'] = r => r._stack.Add(r.PopMark());
        table[0x85] = r => r.Tuple(1);
        table[0x86] = r => r.Tuple(2);
        table[0x87] = r => r.Tuple(3);
        table[']'] = table[0x8f] = r => r._stack.Add(new List<object?>());
        table['l'] = table[0x91] = r => r._stack.Add(new List<object?>(r.PopMark()));
        table['}'] = r => r._stack.Add(new PickleDictionary());
        table['d'] = r => r.SetItems(r.PopMark(), new PickleDictionary(), push: true);
        table['a'] = r => r.Append([r.Pop()]);
        table['e'] = table[0x90] = r => r.Append(r.PopMark());
        table['s'] = r => r.SetItem();
        table['u'] = r => r.SetItems(r.PopMark(), r.Peek(), push: false);

        table['q'] = r => r._memo[r._bytes.Byte()] = r.Peek();
        table['r'] = r => r._memo[r._bytes.UInt32()] = r.Peek();
        table[0x94] = r => r._memo[(uint)r._memo.Count] = r.Peek();
        table['p'] = r => r._memo[r.Index()] = r.Peek();
        table['h'] = r => r.Get(r._bytes.Byte());
        table['j'] = r => r.Get(r._bytes.UInt32());
        table['g'] = r => r.Get(r.Index());

        table['c'] = r => r._stack.Add(new PickleGlobal(r._bytes.Line(), r._bytes.Line()));
        table[0x93] = r => r.StackGlobal();
        table['R'] = table[0x81] = r => r.Call(r.Arguments());
        table[0x92] = r =>
        {
            // Arguments by name stand on top; no class here has any.
            _ = r.Pop();
            r.Call(r.Arguments());
        };
        table['b'] = r => r.Build();
        table['Q'] = r => r._stack.Add(r._classes.Persistent(r.Pop()));
        return table;
    }

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw _bytes.Fault("takes a value where there is none; it is damaged");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    // Values below the last mark are out of reach until that is gone.
    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private object?[] PopMark()
    {
        if (_marks.Count == 0)
            throw _bytes.Fault("goes back to a mark where there is none; it is damaged");
        int start = _marks[^1];
        object?[] values = [.. _stack.Skip(start)];
        _stack.RemoveRange(start, values.Length);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private void Tuple(int count)
    {
        object?[] values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            values[i] = Pop();
        _stack.Add(values);
    }

    private void Get(uint index) => _stack.Add(_memo.TryGetValue(index, out object? value) ? value
        : throw _bytes.Fault($"takes value {index} of those that were kept, which there is not; it is damaged"));

    private void Append(object?[] values)
    {
        List<object?> items = Peek() switch
        {
            List<object?> list => list,
            PickleRecord record => record.Items,
            var other => throw Wrong("appends to", other, "a list"),
        };
        items.AddRange(values);
    }

    private void SetItem()
    {
        object? value = Pop(), key = Pop();
        SetItems([key, value], Peek(), push: false);
    }

    private void SetItems(object?[] pairs, object? target, bool push)
    {
        PickleDictionary entries = target switch
        {
            PickleDictionary dictionary => dictionary,
            PickleRecord record => record.Entries,
            _ => throw Wrong("sets entries of", target, "a dictionary"),
        };
        if (pairs.Length % 2 != 0)
            throw _bytes.Fault("has a key without a value; it is damaged");
        for (int i = 0; i < pairs.Length; i += 2)
            entries.Set(pairs[i], pairs[i + 1]);
        if (push)
            _stack.Add(entries);
    }

    private void StackGlobal()
    {
        object? name = Pop(), module = Pop();
        _stack.Add(module is string m && name is string n ? new PickleGlobal(m, n)
            : throw _bytes.Fault("has a class whose module or name is no text; it is damaged"));
    }

    private object?[] Arguments() => Pop() as object?[] ?? throw _bytes.Fault("calls with arguments that are no tuple; it is damaged");

    private void Call(object?[] arguments) => _stack.Add(Pop() switch
    {
        PickleGlobal name => _classes.Call(name, arguments),
        PickleRecord record => new PickleRecord(record.Class, arguments),
        var other => throw Wrong("calls", other, "a class or function"),
    });

    private void Build()
    {
        object? state = Pop();
        if (Peek() is PickleRecord record)
            record.State = state;
        // Attributes of other values (a dictionary's _metadata, a tensor's hooks) carry no weights.
        else if (Peek() is null or bool or long or double or string or byte[] or List<object?> or object?[] or PickleGlobal)
            throw Wrong("gives a state to", Peek(), "an object");
    }

    private object Long(uint count)
    {
        byte[] digits = _bytes.Take(count);
        return digits.Length > MostDigits ? throw _bytes.Fault($"has a number of {digits.Length} bytes, expected at most {MostDigits}")
            : Small(new BigInteger(digits));
    }

    private object TextInt()
    {
        string text = _bytes.Line();
        // How protocols 0 and 1 write False and True.
        return text == "00" ? false : text == "01" ? true : Number(text);
    }

    private object Number(string text) => text.Length <= MostDigits && BigInteger.TryParse(text, CultureInfo.InvariantCulture,
        out BigInteger number) ? Small(number) : throw _bytes.Fault("has a text that is no whole number");

    private uint Index() => uint.TryParse(_bytes.Line(), CultureInfo.InvariantCulture, out uint index) ? index
        : throw _bytes.Fault("has a place among the kept values that is no number");

    private static object Small(BigInteger number) =>
        number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;

    private BadInputException Wrong(string what, object? got, string expected) =>
        _bytes.Fault($"{what} {(got is PickleGlobal name ? name.FullName : got?.GetType().Name ?? "None")}, expected {expected}; "
            + "it is damaged or of another kind");
}
