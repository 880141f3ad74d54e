using System.Net;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.Benchmarks;

/// <summary>Clients in this process, by a transport in memory: as many as there is memory for.</summary>
internal sealed class MemoryCrowd(int count) : Crowd(count)
{
    private static readonly byte[] Request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    // Enough to keep the server busy; each waits for its answers.
    private static readonly int Openers = 4 * Environment.ProcessorCount;

    private readonly InMemoryTransport _memory = new();
    private readonly InMemoryConnection[] _clients = new InMemoryConnection[count];

    public override InMemoryTransport Memory => _memory;

    public override Task ConnectAsync(WebApplication app)
    {
        IPEndPoint endPoint = new(IPAddress.Loopback, new Uri(app.Urls.Single()).Port);
        return ForEachAsync(async (i, _) => _clients[i] = await _memory.ConnectAsync(endPoint));
    }

    public override Task AskAsync() => ForEachAsync(async (i, buffer) =>
    {
        await _clients[i].WriteAsync(Request);
        // The answer comes in one piece or more; it ends with the last chunk.
        var read = 0;
        while (!buffer.AsSpan(0, read).EndsWith("hello\r\n0\r\n\r\n"u8))
        {
            var got = await _clients[i].ReadAsync(buffer.AsMemory(read));
            read += got > 0 ? got : throw new InvalidOperationException("A connection has ended without an answer.");
        }
    });

    public override void Dispose() => Array.Clear(_clients);

    private Task ForEachAsync(Func<int, byte[], ValueTask> act) => Task.WhenAll(Enumerable.Range(0, Openers).Select(
        opener => Task.Run(async () =>
        {
            var buffer = new byte[4096];
            for (var i = opener; i < _clients.Length; i += Openers)
            {
                await act(i, buffer);
            }
        })));
}
