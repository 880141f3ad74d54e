using Microsoft.AspNetCore.Builder;

namespace ActorServer.Benchmarks;

/// <summary>Clients in a process of their own, by real sockets from several addresses of loopback: as many as a process may have files.</summary>
internal sealed class SocketCrowd(int count) : Crowd(count)
{
    private readonly IdleClients _clients = IdleClients.Start();

    /// <summary>Each is served as soon as it is connected.</summary>
    public override Task ConnectAsync(WebApplication app) => _clients.OpenAsync(new Uri(app.Urls.Single()).Port, Count);

    public override Task AskAsync() => Task.CompletedTask;

    public override void Dispose() => _clients.Dispose();
}
