using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>The host as a process of its own, as an operator runs it, and what he can ask of it.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>A drain as fast as it can be.</summary>
    public static readonly string[] Swift =
    [
        "--ActorServer:Drain:LameDuck=0", "--ActorServer:Drain:Spread=0",
        "--ActorServer:Drain:IdleGrace=0", "--ActorServer:Drain:SilentGrace=0",
    ];

    /// <summary>An application on a free port.</summary>
    public static readonly string[] AnyPort = ["--urls=http://127.0.0.1:0"];

    private static readonly string Program = typeof(RunningHost).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "HostProgram").Value!;

    // How soon a fact of another process is asked for again.
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = WaitMax };
    private Uri[] _addresses = [];

    private RunningHost(Process process, ProcessOutput output) => (_process, Output) = (process, output);

    public ProcessOutput Output { get; }

    /// <summary>Where the application listens: the first of its addresses.</summary>
    public Uri Application => _addresses[0];

    /// <summary>Where the admin side listens.</summary>
    public Uri Admin => _http.BaseAddress!;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a process, and does not wait for anything.</summary>
    public static RunningHost Start(params IEnumerable<string> options) => Start(null, [], options);

    private static RunningHost Start(int? files, IEnumerable<(string Name, string Value)> environment, IEnumerable<string> options)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ProcessStartInfo start = new(files is null ? dotnet : "/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var option in (IEnumerable<string>)[
            .. files is null ? [] : (string[])["-c", $"ulimit -n {files}; exec \"$0\" \"$@\"", dotnet],
            Program,
            "--ActorServer:Admin:Url=http://127.0.0.1:0", "--ActorServer:Cluster:Port=0",
            "--Logging:Console:FormatterName=simple", "--Logging:Console:FormatterOptions:SingleLine=true",
            .. options])
        {
            start.ArgumentList.Add(option);
        }

        // Only what a test says counts: not what is set where it happens to run.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        ProcessOutput output = new(process);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, output);
    }

    /// <summary>Starts a process, and waits until it serves.</summary>
    public static Task<RunningHost> StartAsync(params IEnumerable<string> options) => ListensAsync(Start(options));

    /// <summary>Starts a process that may have so many files open at a time, sockets among them, and waits until it serves.</summary>
    public static Task<RunningHost> StartWithFilesAsync(int files, params IEnumerable<string> options)
        => ListensAsync(Start(files, [], options));

    /// <summary>Starts a process with a variable of its environment, and waits until it serves.</summary>
    public static Task<RunningHost> StartWithVariableAsync(string name, string value, params IEnumerable<string> options)
        => ListensAsync(Start(null, [(name, value)], options));

    private static async Task<RunningHost> ListensAsync(RunningHost host)
    {
        try
        {
            await host.ListensAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of the application on this host name.</summary>
    public Uri On(string name) => _addresses.Single(a => a.Host == name);

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Application);

    /// <summary>GETs what the admin side has, as JSON.</summary>
    public async Task<JsonElement> ReadAsync(string path) => JsonElement.Parse(await _http.GetStringAsync(path));

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public Task<HttpResponseMessage> PostAsync(string path, string body = "")
        => _http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    /// <summary>Asks until the answer is the one waited for. A foreign process can only be asked: here alone.</summary>
    public async Task<JsonElement> UntilAsync(string path, Predicate<JsonElement> isIt)
    {
        using CancellationTokenSource patience = new(WaitMax);
        using PeriodicTimer timer = new(AskInterval, TimeProvider.System);
        while (true)
        {
            var answer = await ReadAsync(path);
            if (isIt(answer))
            {
                return answer;
            }

            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"{path} is still {answer.GetRawText()}", exception);
            }
        }
    }

    /// <summary>Waits until the node has entered a phase.</summary>
    public Task<JsonElement> ReachAsync(string phase) => UntilAsync("/api/status", s => s.Text("phase") == phase);

    /// <summary>Waits until this many connections are in a state.</summary>
    public Task<JsonElement> CountAsync(string state, int count)
        => UntilAsync("/api/status", s => s.GetProperty("connections").Number(state) == count);

    /// <summary>How much of a processor the process takes while something is done.</summary>
    public async Task<double> ProcessorShareAsync(Func<Task> work)
    {
        _process.Refresh();
        var (before, start) = (_process.TotalProcessorTime, Stopwatch.GetTimestamp());
        await work();
        _process.Refresh();
        return (_process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Sends a signal: TERM, INT, QUIT.</summary>
    public async Task SignalAsync(string name)
    {
        // The shell's own kill: not every image has the program.
        var command = string.Create(CultureInfo.InvariantCulture, $"kill -{name} {_process.Id}");
        using var kill = Process.Start("/bin/sh", ["-c", command]);
        await kill.WaitForExitAsync().WaitAsync(WaitMax);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for the end, and for the last line.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(WaitMax);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"It does not end:\n{string.Join('\n', Output.Lines)}", exception);
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static bool IsSetting(string name)
        => ((string[])["ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_URLS", "URLS", "ActorServer", "Kestrel", "Logging"])
            .Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    private async Task ListensAsync()
    {
        await Output.LineAsync("Application started.");
        var admin = Addresses("Admin side listening on: ").Single();
        _http.BaseAddress = admin;
        _addresses = [.. Addresses("Now listening on: ").Where(a => a != admin)];
    }

    private IEnumerable<Uri> Addresses(string mark) => Output.Lines
        .Where(l => l.Contains(mark, StringComparison.Ordinal))
        .Select(l => new Uri(l[(l.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Trim()));
}
