using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ActorServer.DrainLab;

/// <summary>What a run is made with.</summary>
internal enum ServerKind
{
    /// <summary>ActorServer's own host.</summary>
    ActorServer,

    /// <summary>Kestrel as it comes.</summary>
    Bare,

    /// <summary>ActorServer in an application that has a clustered actor system of its own.</summary>
    Shop,
}

/// <summary>How a server is stopped.</summary>
internal enum Trigger
{
    /// <summary>SIGTERM.</summary>
    Signal,

    /// <summary>A drain by the admin API, and a SIGTERM once it is Drained.</summary>
    Api,
}

/// <summary>A server in a process of its own, on free ports of loopback.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;
    private static readonly TimeSpan StartWaitMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly ServerOutput _output;
    private readonly string _folder;

    private ServerProcess(Process process, ServerOutput output, string folder)
        => (_process, _output, _folder) = (process, output, folder);

    public Site Site { get; private set; } = null!;

    /// <summary>Its last words.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts a server and waits until it serves.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="settings">More of its configuration.</param>
    public static Task<ServerProcess> StartAsync(ServerKind kind, params string[] settings) => StartAsync(kind, [], settings);

    /// <summary>Starts a server by another program, and waits until it serves.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="within">The program and its arguments; the server's command line follows them. Empty: none.</param>
    /// <param name="settings">More of its configuration.</param>
    public static async Task<ServerProcess> StartAsync(ServerKind kind, IReadOnlyList<string> within, params IEnumerable<string> settings)
    {
        var folder = Directory.CreateTempSubdirectory("drain-lab-").FullName;
        var (certificate, key) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        Tls.Write(certificate, key, TimeProvider.System);
        ProcessStartInfo start = new(within.Count > 0 ? within[0] : Programs.Dotnet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        string[] arguments =
        [
            .. within.Count > 0 ? [.. within.Skip(1), Programs.Dotnet] : Array.Empty<string>(),
            .. Program(kind),
            "--Kestrel:Endpoints:Plain:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Secure:Url=https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Secure:Certificate:Path={certificate}",
            $"--Kestrel:Endpoints:Secure:Certificate:KeyPath={key}",
            "--Kestrel:Endpoints:Two:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Two:Protocols=Http2",
            "--Logging:LogLevel:Default=Information",
            "--Logging:LogLevel:Microsoft.AspNetCore=Warning",
            "--ActorServer:Admin:Url=http://127.0.0.1:0",
            "--ActorServer:Cluster:Port=0",
            .. settings,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        ServerOutput output = new();
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server's process does not start.");
        ServerProcess server = new(process, output, folder);
        output.Follow(process);
        try
        {
            await output.Started.WaitAsync(StartWaitMax);
        }
        catch (TimeoutException)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server does not start:\n{output}");
        }

        server.Site = output.Site();
        return server;
    }

    /// <summary>Stops the server, and waits until its process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(Trigger trigger, CancellationToken cancellationToken)
    {
        if (trigger == Trigger.Api)
        {
            await DrainAsync(cancellationToken);
        }

        Send(Sigterm);
        return await ExitAsync(cancellationToken);
    }

    /// <summary>Waits until its process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends the process as nothing can resist.</summary>
    public Task KillAsync(CancellationToken cancellationToken)
    {
        Send(Sigkill);
        return _process.WaitForExitAsync(cancellationToken);
    }

    private void Send(int signal)
    {
        if (Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"The server has gone already:\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] Program(ServerKind kind) => kind switch
    {
        ServerKind.ActorServer => [Programs.PathOf("ActorServer.Host")],
        ServerKind.Bare => [Programs.Lab, "--serve-bare"],
        ServerKind.Shop => [Programs.Lab, "--serve-shop"],
    };

    /// <summary>Drains it by the admin API, and waits until it is Drained.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        using HttpClient admin = new() { BaseAddress = Site.Admin };
        using var accepted = await admin.PostAsJsonAsync("/api/drain", new { reason = "the lab" }, cancellationToken);
        accepted.EnsureSuccessStatusCode();
        using PeriodicTimer timer = new(LookInterval);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var drain = await admin.GetFromJsonAsync<JsonElement>("/api/drain", cancellationToken);
            if (drain.GetProperty("phase").GetString() == "Drained")
            {
                return;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
