using CnnOnnx.Visualizer.Report;

namespace CnnOnnx.Tests.Report;

[TestClass]
public sealed class HtmlTests
{
    [TestMethod]
    public void Of_WhatIsPutIn_IsEscaped() =>
        Assert.AreEqual("<b title=\"&quot;&#39;\">&lt;script&gt; &amp; 3</b>", Html.Of($"""<b title="{"\"'"}">{"<script> &"} {3}</b>""").Text);

    [TestMethod]
    public void Of_Html_IsLeftAlone() => Assert.AreEqual("<p><i>a</i><i>b</i></p>", Html.Of($"<p>{Html.Join([Html.Of($"<i>{"a"}</i>"), Html.Of($"<i>{"b"}</i>")])}</p>").Text);
}
