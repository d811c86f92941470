using System.Globalization;
using CnnOnnx.Pages;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Channels that made it: what each of the strongest adds to the score, and where it is on; two targets side by side.</summary>
internal static class ChannelSection
{
    private const int Listed = 12, Lists = 2;

    public static Html Of(PageView view)
    {
        ChannelShares[] all = [.. view.Explained.Channels.Take(Lists)];
        // Two targets at two layers, as two scales of a detector are, have no channels in common.
        if (all.Length == 0)
            return Html.Empty;
        bool isPair = all.Length == Lists && all[0].Layer == all[1].Layer;
        int[][] strongest = [.. all.Select(shares => shares.Strongest(Listed))];
        float most = all.Zip(strongest, (shares, channels) => channels.Max(channel => Math.Abs(shares.Shares[channel]))).Max();
        if (most == 0)
            return Html.Empty;
        view.Entries.Add(Html.Of($"""<li class="g"><a href="#ch">Which channels made it</a></li>"""));
        int active = all[0].Shares.Count(share => share != 0);
        string names = string.Join(" and ", all.Select(shares => shares.Layer).Distinct());
        string legend = isPair ? "thin line: the other target · ● in both lists" : "";
        return Html.Of($"""
            <section id="ch"><header><div><h2>Which channels made it</h2><span class="shape">{names} · mean gradient · sum of activations · {Math.Min(Listed, active)} strongest of {active} active</span></div><span class="note">{legend}</span></header>
            <div class="ccs" style="--ar:{view.Aspect}">{Html.Join(all.Select((shares, i) =>
                List(view, shares, strongest[i], isPair ? all[1 - i] : null, isPair ? strongest[1 - i] : [], most, i)))}</div>
            </section>
            """);
    }

    private static Html List(
        PageView view, ChannelShares shares, int[] strongest, ChannelShares? other, int[] otherStrongest, float most, int index)
    {
        string kind = $"t{HeroBoxes.Colour(view.Explained, index)}";
        double plus = shares.Shares.Where(share => share > 0).Sum(share => (double)share);
        double minus = shares.Shares.Where(share => share < 0).Sum(share => (double)share);
        double value = view.Explained.Targets.First(target => ReferenceEquals(target.Target, shares.Target)).Value;
        string sum = string.Create(CultureInfo.InvariantCulture,
            $"+{plus:0.0#} − {Math.Abs(minus):0.0#} = {(plus + minus).ToString("0.0#", CultureInfo.InvariantCulture)} of {value:0.0#}");
        Html rows = Html.Join(strongest.Where(channel => shares.Shares[channel] != 0).Select(channel =>
        {
            string mark = otherStrongest.Contains(channel) ? "●" : "";
            string share = shares.Shares[channel].ToString("+0.00;−0.00", CultureInfo.InvariantCulture);
            Html thin = other is null ? Html.Empty : Bar(other.Shares[channel], most, "o");
            string label = $"channel {channel} of {shares.Layer}, {share}";
            return Html.Of($"""<div class="cr">{view.Canvas(shares, channel, kind, label)}<span>#{channel}<sup>{mark}</sup></span><div class="bx">{Bar(shares.Shares[channel], most, shares.Shares[channel] < 0 ? "neg" : "")}{thin}</div><b>{share}</b></div>""");
        }));
        string thinColour = index == 0 ? "--o:var(--warm)" : "--o:var(--accent)";
        return Html.Of($"""<div class="cc {kind}" style="{thinColour}"><div class="row"><span class="chip">{shares.Target.Name}</span><span class="note">{sum}</span></div>{rows}</div>""");
    }

    private static Html Bar(float share, float most, string kind)
    {
        double width = Math.Min(50, 50 * Math.Abs(share) / most), left = share < 0 ? 50 - width : 50;
        return Html.Of($"""<i class="{kind}" style="left:{Number(left)}%;width:{Number(width)}%"></i>""");
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
