namespace ActorServer.Kestrel;

/// <summary>One request's drain token: fires when its connection is to go, and when its client goes.</summary>
internal sealed class RequestDrain : IDrainListener, IDisposable
{
    private readonly ConnectionDrain _connection;
    private readonly CancellationTokenSource _source;

    private RequestDrain(ConnectionDrain connection, CancellationToken aborted)
    {
        _connection = connection;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Token = _source.Token;
    }

    public CancellationToken Token { get; }

    /// <summary>The token of a request; the same one whenever it is asked for.</summary>
    public static CancellationToken TokenOf(HttpContext context, TrackedConnection connection)
    {
        if (context.Features.Get<RequestDrain>() is { } asked)
        {
            return asked.Token;
        }

        RequestDrain drain = new(connection.Drain, context.RequestAborted);
        context.Features.Set(drain);
        context.Response.RegisterForDispose(drain);
        if (connection.Drain.Register(drain))
        {
            // At once: nobody has the token yet, so no callback of the application can run here.
            drain._source.Cancel();
        }

        return drain.Token;
    }

    public void Tell()
    {
        try
        {
            _source.Cancel();
        }
        catch (Exception exception) when (exception is AggregateException or ObjectDisposedException)
        {
            // The application's own callbacks threw, and all of them have run; or the request has just ended.
        }
    }

    public void Dispose()
    {
        _connection.Remove(this);
        _source.Dispose();
    }
}
