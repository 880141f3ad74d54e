using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>A request that asks for a WebSocket, over HTTP/1.1 or HTTP/2. Nothing that ASP.NET's middleware does is bypassed.</summary>
#pragma warning disable CA1001 // The stream is the application's to dispose.
internal sealed class WebSocketGoodbye : IHttpUpgradeFeature, IHttpExtendedConnectFeature, IDrainListener
#pragma warning restore CA1001
{
    private readonly TrackedConnection _connection;
    private readonly IFeatureCollection _request;
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private volatile GoodbyeStream? _stream;
    private volatile bool _leftToApplication;
    private Task _saying = Task.CompletedTask;

    private WebSocketGoodbye(
        TrackedConnection connection, IFeatureCollection request, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
        => (_connection, _request, _upgrade, _connect) = (connection, request, upgrade, connect);

    public bool IsUpgradableRequest => _upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => _connect?.IsExtendedConnect == true;

    public string? Protocol => _connect?.Protocol;

    /// <summary>Puts itself between the application and the server if the request asks for a WebSocket.</summary>
    public static void Attach(TrackedConnection connection, IFeatureCollection features, IHttpRequestFeature request)
    {
        if (connection.IsMultiplexed)
        {
            if (features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" } connect)
            {
                features.Set<IHttpExtendedConnectFeature>(new WebSocketGoodbye(connection, features, null, connect));
            }
        }
        else if (features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade
            && request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            features.Set<IHttpUpgradeFeature>(new WebSocketGoodbye(connection, features, upgrade, null));
        }
    }

    /// <summary>The application has asked for its drain token: it says goodbye in its own way.</summary>
    public static void LeaveToApplication(IFeatureCollection features)
    {
        var goodbye = features.Get<IHttpUpgradeFeature>() as WebSocketGoodbye
            ?? features.Get<IHttpExtendedConnectFeature>() as WebSocketGoodbye;
        if (goodbye is not null)
        {
            goodbye._leftToApplication = true;
        }
    }

    /// <summary>The connection is to go.</summary>
    public void Tell()
    {
        if (!_leftToApplication && _stream is { } stream)
        {
            _saying = stream.SayAsync();
        }
    }

    public async Task<Stream> UpgradeAsync() => Wrap(await _upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => Wrap(await _connect!.AcceptAsync());

    private GoodbyeStream Wrap(Stream stream)
    {
        // An HTTP/2 connection is judged by its streams, not by one WebSocket of many.
        _stream = new(stream, _connection.Time, _upgrade is null ? static () => { } : _connection.Cell.Unanswered);
        // The server uses an HTTP/2 stream again: what is said after its request would be said into another's response.
        _request.GetRequiredFeature<IHttpResponseFeature>().OnCompleted(
            static goodbye => ((WebSocketGoodbye)goodbye).FinishAsync(), this);
        if (_connection.Drain.Register(this))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static goodbye => goodbye.Tell(), this, preferLocal: false);
        }

        return _stream;
    }

    private Task FinishAsync()
    {
        _connection.Drain.Remove(this);
        return _stream?.FinishAsync() ?? Task.CompletedTask;
    }
}
