using Microsoft.Playwright;

namespace CnnOnnx.Tests.Support;

/// <summary>A Chromium that is installed here, driven by Playwright, which downloads nothing.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe",
        "msedge.exe"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>The program; null where there is none.</summary>
    public static string? Find()
    {
        string?[] places = [Environment.GetEnvironmentVariable("CHROMIUM_PATH"),
            .. Folders().SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))];
        return places.FirstOrDefault(File.Exists);
    }

    public static async Task<Chromium> StartAsync(string program)
    {
        IPlaywright playwright = await Playwright.CreateAsync();
        // Only pages that were made here are opened; without its sandbox it also starts for root in a container.
        return new Chromium(playwright,
            await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] }));
    }

    /// <summary>A page from disk, loaded. The caller closes it.</summary>
    /// <param name="file">Path of the page.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="address">Place within the page, such as #t3; empty for its start.</param>
    public async Task<IPage> OpenAsync(string file, ColorScheme scheme = ColorScheme.Light, string address = "")
    {
        IPage page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = 1400, Height = 1000 }, ColorScheme = scheme });
        await page.GotoAsync(new Uri(file).AbsoluteUri + address);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static IEnumerable<string> Folders() => ProgramPath.Folders
        .Concat(new[] { Environment.SpecialFolder.ProgramFiles, Environment.SpecialFolder.ProgramFilesX86,
            Environment.SpecialFolder.LocalApplicationData }
            .Select(Environment.GetFolderPath).Where(root => root.Length > 0)
            .SelectMany(root =>
                new[] { Path.Combine(root, "Google", "Chrome", "Application"), Path.Combine(root, "Microsoft", "Edge", "Application") }));
}
