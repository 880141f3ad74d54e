using System.Collections.Concurrent;
using System.Diagnostics;

namespace ActorServer.EndToEnd.Tests.Browser;

/// <summary>A real browser without a window, showing one page. It is a process of its own, with a profile of its own.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    // No sandbox: there is none for root, and the page is the test's own. The others keep it from talking to anybody else.
    private static readonly string[] Options =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
        "--no-proxy-server", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-extensions", "--mute-audio",
    ];

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("browser-");
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly Process _process;

    private Chromium(string program, Uri page)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var option in (IEnumerable<string>)[.. Options, $"--user-data-dir={_profile.FullName}", page.ToString()])
        {
            start.ArgumentList.Add(option);
        }

        // What it leaves behind when it is killed goes with its profile.
        start.Environment["TMPDIR"] = _profile.FullName;
        _process = new() { StartInfo = start };
        // It complains of much that does not matter: it is shown only when a page is silent.
        _process.OutputDataReceived += Complains;
        _process.ErrorDataReceived += Complains;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it is installed; null when it is not.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(static folder => (IEnumerable<string>)
        [
            Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser"), Path.Combine(folder, "google-chrome"),
        ])
        .FirstOrDefault(File.Exists);

    /// <summary>Shows a page.</summary>
    public static Chromium Show(Uri page)
        => new(Program ?? throw new InvalidOperationException("There is no Chromium on the PATH: apt-get install chromium."), page);

    /// <summary>What it has written so far.</summary>
    public string Complaints => string.Join('\n', _complaints);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(WaitMax);
        _process.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child that is still ending writes there: the system's own cleaning takes it.
        }
    }

    private void Complains(object sender, DataReceivedEventArgs line) => _complaints.Enqueue(line.Data ?? "");
}

/// <summary>A test that needs a browser. Where none is installed it is skipped; not where changes are accepted.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Chromium.Program is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "There is no Chromium on the PATH.";
        }
    }
}
