using System.Runtime.InteropServices;
using CnnOnnx.Pages;

namespace CnnOnnx.Tests.Pages;

[TestClass]
public sealed class HtmlTests
{
    [TestMethod]
    public void Of_WhatIsPutIn_IsEscaped() =>
        Assert.AreEqual(
            "<b title=\"&quot;&#39;\">&lt;script&gt; &amp; 3</b>",
            Html.Of($"""<b title="{"\"'"}">{"<script> &"} {3}</b>""").Text);

    [TestMethod]
    public void Of_Html_IsLeftAlone() =>
        Assert.AreEqual(
            "<p><i>a</i><i>b</i></p>", Html.Of($"<p>{Html.Join([Html.Of($"<i>{"a"}</i>"), Html.Of($"<i>{"b"}</i>")])}</p>").Text);

    [TestMethod]
    public void Base64Of_Numbers_IsTheBase64OfTheirBytes()
    {
        float[] numbers = [.. Enumerable.Range(0, 20_000).Select(i => i / 7f)];
        string expected = Convert.ToBase64String(MemoryMarshal.AsBytes(numbers.AsSpan()));
        var html = Html.Of($"<p>{Html.Base64Of(numbers)}</p>");
        Assert.AreEqual($"<p>{expected}</p>", html.Text);
        Assert.AreEqual(html.Text.Length, html.Length);
    }
}
