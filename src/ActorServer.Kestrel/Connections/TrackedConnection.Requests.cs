using System.Net.Security;
using ActorServer.Actors;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <content>What its requests tell it, and how they are told that it ends.</content>
internal sealed partial class TrackedConnection
{
    private IFeatureCollection? _request;
    private long _writtenWhenGivenUp = -1;
    private volatile bool _completeWhenGivenUp;
    private bool _announcedAtStart;
    private bool _goAwaySent;
    private volatile bool _isSpent;

    /// <summary>One connection carries many requests at a time: HTTP/2, and HTTP/3 if it ever comes here.</summary>
    public bool IsMultiplexed => Protocol is not (null or "HTTP/1.1" or "HTTP/1.0");

    /// <summary>What had been sent when the headers of the response came, over HTTP/1.x.</summary>
    public long SentBefore { get; private set; }

    /// <summary>How much of a response's body was handed on while there was somebody to hand it to, over HTTP/1.x.</summary>
    /// <remarks>What is written later the server counts, and throws away.</remarks>
    public long BodyBytesSent(IFeatureCollection request)
        => Volatile.Read(ref _writtenWhenGivenUp) is >= 0 and var written ? written : ProtocolFields.BytesWritten(request);

    /// <summary>The end of a response was handed on, over HTTP/1.x while there was somebody to hand it to.</summary>
    public bool IsComplete(IFeatureCollection request)
        => Volatile.Read(ref _writtenWhenGivenUp) >= 0 ? _completeWhenGivenUp : ProtocolFields.IsComplete(request);

    /// <summary>A request has been read.</summary>
    public void RequestStarted(IFeatureCollection request, IHttpRequestFeature facts)
    {
        Protocol ??= facts.Protocol;
        _request = IsMultiplexed ? null : request;
        SentBefore = BytesSent;
        if (_writtenWhenGivenUp >= 0)
        {
            (_writtenWhenGivenUp, _completeWhenGivenUp) = (0, false);
        }

        _announcedAtStart = _announced;
        Cell.RequestStarted(request, facts.Method, facts.Path);
        WebSocketGoodbye.Attach(this, request, facts);
        if (!_isSpent && Cell.Requests >= _place?.Limits.MaxRequestsPerConnection)
        {
            // Purposefully not announced as a drain is: this request, the last, may take as long as any.
            _isSpent = true;
        }

        if (_announced || _isSpent)
        {
            if (IsMultiplexed)
            {
                SendGoAway();
            }
            else if (request.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
            {
                // Kestrel's own word for it: the answers that it makes without the application, to an exception, say it too.
                RequestClose();
            }
        }
    }

    /// <summary>The headers of a response over HTTP/1.x are about to be written.</summary>
    public void ResponseStarting(IFeatureCollection request, IHttpResponseFeature response)
    {
        // A 100 may have been sent in between.
        SentBefore = BytesSent;
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            Cell.Upgraded();
            // As with Kestrel's own limit: it is one of few that stay for long, and would keep out many that do not.
            _place?.Give();
        }
        else if (_isSpent || (_announced && (_gate.AnnouncesLate || _announcedAtStart)))
        {
            response.Headers.Connection = "close";
        }
        else if (_place?.KeepAlive is { } keepAlive && response.Headers.KeepAlive.Count == 0 && KeepAlive.Holds(request, response))
        {
            response.Headers.KeepAlive = keepAlive;
        }
    }

    /// <summary>The response has been handed to the transport, or the request has failed.</summary>
    public Task RequestEnded(IFeatureCollection request, IHttpResponseFeature response)
    {
        _quiet?.RequestEnded();
        if (Cell.Activity.IsUpgraded)
        {
            // The 101 was its answer. However the other protocol ended, no HTTP response is cut.
            Cell.RequestEnded(request, keepAlive: false);
            return EndTls();
        }

        if (IsLost(request, response))
        {
            // Nobody gets the answer: the request stays in flight until the connection's end, which is on its way.
            return Task.CompletedTask;
        }

        if (IsMultiplexed || KeepAlive.Holds(request, response))
        {
            Cell.RequestEnded(request, keepAlive: true);
            return Task.CompletedTask;
        }

        if (IsBad(request) && !response.HasStarted)
        {
            // The application came upon it while reading the body. Kestrel answers by itself, after this.
            Cell.RequestEnded(request, keepAlive: false);
            Cell.Refused();
            return Task.CompletedTask;
        }

        var announced = KeepAlive.IsAnnouncedOver(response) || _lifetime?.ConnectionClosedRequested.IsCancellationRequested == true;
        if (!announced || KeepAlive.IsCutShort(request, response))
        {
            // Kestrel gives the connection up: the response was cut short, and must not look as if it had ended well.
            Cell.Aborted();
            Cell.RequestEnded(request, keepAlive: false);
            return Task.CompletedTask;
        }

        Cell.RequestEnded(request, keepAlive: false);
        return EndTls();
    }

    // A client that meets GOAWAY on every new connection gives up: those born in the lame duck are told once the ports are closed.
    private void SendGoAway()
    {
        if (!_goAwaySent && (!_bornAnnounced || _gate.Closed || !_gate.SparesYoung))
        {
            _goAwaySent = true;
            Cell.Announced();
            RequestClose();
        }
    }

    private void RequestClose()
    {
        try
        {
            (_lifetime ?? Features.Get<IConnectionLifetimeNotificationFeature>())?.RequestClose();
        }
        catch (AggregateException)
        {
            // The application's own callbacks threw. Kestrel's, registered before them, has run.
        }
    }

    private Task EndTls() => _tls is { } tls ? EndTlsAsync(tls) : Task.CompletedTask;

    private async Task EndTlsAsync(SslStream tls)
    {
        if (await HalfClose.IsAllTakenAsync(
            Features.Get<IConnectionSocketFeature>()?.Socket, _pipe, HalfClose.WaitMax, ConnectionClosed) == true)
        {
            // Before the end can be seen, as without TLS, and not while its answer is still being sent.
            LeavePlace();
        }

        await CloseNotify.SendAsync(tls);
    }

    // The peer went before its answer was complete. The token costs an allocation, so it is asked only when the peer has gone;
    // a reading that failed may have told the application, or HTTP/2's streams, before it told the token.
    private bool IsLost(IFeatureCollection request, IHttpResponseFeature response)
        => (ConnectionClosed.IsCancellationRequested
                && request.Get<IHttpRequestLifetimeFeature>()?.RequestAborted.IsCancellationRequested == true
                && !(ProtocolFields.AreOf(request) && Answer.IsWhole(this, request, response)))
            || ((!response.HasStarted
                    || (response.StatusCode >= StatusCodes.Status400BadRequest
                        && (response.StatusCode == StatusCodes.Status500InternalServerError || IsBad(request))))
                && SeesPeerGone());

    // Kestrel throws away from now on what an application writes. It says so to nobody, and to no connection twice.
    private void GiveUp()
    {
        if (_request is { } request && ProtocolFields.AreOf(request))
        {
            // First: it is read when the other is set. Once, as that is.
            _completeWhenGivenUp |= Volatile.Read(ref _writtenWhenGivenUp) < 0 && ProtocolFields.IsComplete(request);
            Interlocked.CompareExchange(ref _writtenWhenGivenUp, ProtocolFields.BytesWritten(request), -1);
        }
    }

    private static bool IsBad(IFeatureCollection request) => request.Get<IBadRequestExceptionFeature>()?.Error is not null;
}
