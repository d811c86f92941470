using System.Text;
using CnnOnnx.Files;

namespace CnnOnnx.Tests.Files;

[TestClass]
public sealed class SafeNamesTests
{
    [TestMethod]
    [DataRow("кот", "кот")]
    [DataRow("/блок 1/свёртка", "блок_1_свёртка")]
    [DataRow("猫の特徴", "猫の特徴")]
    [DataRow("हिन्दी", "हिन्दी")]
    [DataRow("𠮷野家", "𠮷野家")]
    [DataRow("e\u0301te\u0301", "e\u0301te\u0301")]
    [DataRow("features.0/Conv:2", "features.0_Conv_2")]
    [DataRow("a\\b\u0000c\u202Ed", "a_b_c_d")]
    [DataRow("😀", "tensor")]
    [DataRow("..", "tensor")]
    [DataRow("con", "_con")]
    public void Clean_Name_KeepsLettersOfAnyLanguageAndNothingElse(string name, string expected) =>
        Assert.AreEqual(expected, SafeNames.Clean(name));

    [TestMethod]
    public void Clean_HalfOfAPair_IsReplaced() => Assert.AreEqual("a_b", SafeNames.Clean("a\uD800b"));

    [TestMethod]
    public void Clean_LongName_FitsIntoABytewiseLimit()
    {
        Assert.AreEqual(120, SafeNames.Clean(new string('a', 500)).Length);
        Assert.AreEqual(120, Encoding.UTF8.GetByteCount(SafeNames.Clean(new string('к', 500))));
        Assert.AreEqual(120, Encoding.UTF8.GetByteCount(SafeNames.Clean(new string('猫', 500))));
    }

    [TestMethod]
    public void Unique_SameNameInAnotherCase_GetsANumber()
    {
        var names = new SafeNames();
        Assert.AreEqual("Кот кот~2", $"{names.Unique("Кот")} {names.Unique("кот")}");
    }
}
