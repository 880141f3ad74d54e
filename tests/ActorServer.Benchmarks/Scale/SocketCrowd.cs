using Microsoft.AspNetCore.Builder;

namespace ActorServer.Benchmarks;

/// <summary>Clients in a process of their own, by real sockets from several addresses of loopback: as many as a process may have files.</summary>
internal sealed class SocketCrowd : Crowd
{
    // What a server has open besides.
    private const int Others = 500;

    private readonly IdleClients _clients;

    public SocketCrowd(int count)
        : base(count)
    {
        if (Files() is { } files && files < count + Others)
        {
            throw new InvalidOperationException(
                $"{count} connections take as many files: a process may have {files} here (ulimit -n).");
        }

        _clients = IdleClients.Start();
    }

    /// <summary>Each is served as soon as it is connected.</summary>
    public override Task ConnectAsync(WebApplication app) => _clients.OpenAsync(new Uri(app.Urls.Single()).Port, Count);

    public override Task AskAsync() => Task.CompletedTask;

    public override void Dispose() => _clients.Dispose();

    // The second one: the runtime raises its own limit to it.
    private static int? Files()
        => File.Exists("/proc/self/limits")
            && File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries) is [.., var hard, "files"]
            && int.TryParse(hard, out var files) ? files : null;
}
