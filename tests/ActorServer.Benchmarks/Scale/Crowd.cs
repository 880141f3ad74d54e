using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ActorServer.Benchmarks;

/// <summary>Many clients, each with one connection that is served once.</summary>
internal abstract class Crowd(int count) : IDisposable
{
    public int Count => count;

    /// <summary>The transport they come by; null when it is Kestrel's own.</summary>
    public virtual InMemoryTransport? Memory => null;

    /// <summary>All connect.</summary>
    public abstract Task ConnectAsync(WebApplication app);

    /// <summary>All are served, those that have not been yet.</summary>
    public abstract Task AskAsync();

    public abstract void Dispose();
}
