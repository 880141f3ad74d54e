using System.Net;

namespace ActorServer.DrainLab;

/// <summary>Where a server listens.</summary>
/// <param name="Plain">HTTP/1.1.</param>
/// <param name="Secure">HTTP/1.1 and HTTP/2 over TLS.</param>
/// <param name="Two">HTTP/2 without TLS.</param>
/// <param name="Admin">The admin side; a bare Kestrel has none.</param>
internal sealed record Site(IPEndPoint Plain, IPEndPoint Secure, IPEndPoint Two, Uri? Admin);

/// <summary>What each client of a run knows.</summary>
/// <param name="Site">Where the server listens.</param>
/// <param name="Tally">Where it counts.</param>
/// <param name="Time">The clock.</param>
/// <param name="GivenUp">The run waits no longer: whatever is unanswered then is lost.</param>
internal sealed record Load(Site Site, Tally Tally, TimeProvider Time, CancellationToken GivenUp)
{
    /// <summary>Nobody took a connection: no loss, once the stop has begun.</summary>
    public void CountRefusal()
    {
        if (Tally.IsStopping)
        {
            Tally.CountRefusal();
        }
        else if (!GivenUp.IsCancellationRequested)
        {
            throw new InvalidOperationException("The server refused a connection before its stop began.");
        }
    }

    /// <summary>Thinks for a while: between nothing and the time given.</summary>
    public Task ThinkAsync(TimeSpan max)
        => max == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(max * Random.Shared.NextDouble(), Time, GivenUp);
}
