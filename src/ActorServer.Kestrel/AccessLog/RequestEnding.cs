using ActorServer.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>A request that is over: how it ended, and how much of its answer was handed to the wire.</summary>
internal readonly record struct RequestEnding(
    IFeatureCollection Request, TrackedConnection Connection, IHttpResponseFeature Response, bool ReadsFields)
{
    /// <summary>Bytes counted on their way, where the server's own count cannot be read.</summary>
    public long Counted { get; init; }

    /// <summary>What the application threw, if it did.</summary>
    public Thrown? Thrown { get; init; }

    private bool Reads => ReadsFields && ProtocolFields.AreOf(Request);

    // The end of a request's body is the end of its stream's other protocol, where it has one.
    private bool IsReset => Reads && (ProtocolFields.IsReset(Request) || (IsUpgraded && ProtocolFields.IsEnded(Request)));

    private bool HasBody => Answer.HasBody(Request, Response);

    private long Written
        => !Reads ? Counted : Connection.IsMultiplexed ? ProtocolFields.BytesWritten(Request) : Connection.BodyBytesSent(Request);

    private bool IsUpgraded => Response.StatusCode == StatusCodes.Status101SwitchingProtocols
        || (Connection.IsMultiplexed && Response.StatusCode is >= 200 and < 300
            && Request.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true);

    public (long Bytes, RequestOutcome Outcome) Judge()
    {
        var written = HasBody ? Written : 0;
        var cut = Thrown is { Left: true, Began: false } || (HasGone() && !IsWhole(written));
        if (cut && !Connection.IsMultiplexed)
        {
            // What never left the server's own buffers is counted too.
            written = Math.Min(written, Connection.BytesSent - Connection.SentBefore);
        }

        return (written, Outcome(cut));
    }

    private RequestOutcome Outcome(bool cut)
        => cut && Connection.IsAbortOrdered ? RequestOutcome.Aborted
            : cut && IsClientGone() ? RequestOutcome.ClientGone
            // The server cuts an HTTP/2 stream whose application threw.
            : cut ? HasFailed() ? RequestOutcome.FailedLate : RequestOutcome.Aborted
            : Response.StatusCode >= StatusCodes.Status400BadRequest && Request.Get<IBadRequestExceptionFeature>()?.Error is not null
                ? RequestOutcome.Refused
            : Thrown is { Answered: true } || HasBeenHandled() ? RequestOutcome.Failed
            : HasFailed() ? IsCutShort() ? RequestOutcome.FailedLate : RequestOutcome.Failed
            : Response.StatusCode == StatusCodes.Status504GatewayTimeout ? RequestOutcome.TimedOut
            : RequestOutcome.Completed;

    // An exception may be sooner than the server's own mark.
    private bool HasGone()
        => IsAborted() || Connection.IsAbortOrdered
            || (Thrown is not null && (IsReset || Connection.SeesPeerGone()));

    private bool IsAborted()
        => Reads ? ProtocolFields.IsAborted(Request)
            : Request.Get<IHttpRequestLifetimeFeature>()?.RequestAborted.IsCancellationRequested == true;

    private bool IsWhole(long written)
        // Whoever leaves after the end of a WebSocket leaves nothing behind: its handler knows how it ended.
        => IsUpgraded ? Thrown is null && !Connection.IsAbortOrdered
            : Reads ? Answer.IsWhole(Connection, Request, Response)
            : Response.HasStarted && (!HasBody || Response.Headers.ContentLength == written);

    private bool IsClientGone()
        => !Connection.Cell.Activity.IsAborted
            && (!Connection.IsMultiplexed || Connection.ConnectionClosed.IsCancellationRequested
                // An application's own abort of an HTTP/2 stream cannot be told from its client's without the server's fields.
                || (Reads ? IsReset : !HasFailed()));

    // By the application's own handler, or the developer's page.
    private bool HasBeenHandled()
        => Response.StatusCode >= StatusCodes.Status500InternalServerError && Request.Get<IExceptionHandlerFeature>()?.Error is not null;

    private bool HasFailed() => Reads ? ProtocolFields.HasFailed(Request) : Thrown is { Left: false };

    private bool IsCutShort()
        => Reads ? !ProtocolFields.IsComplete(Request) : Response.HasStarted && Response.Headers.ContentLength != 0;
}
