using System.Security.Authentication;

namespace ActorServer.DrainLab;

/// <summary>
/// Asks, reads the answer, thinks, and asks again on the same connection; a connection that announced its end is replaced.
/// Ends when nobody takes its connections any more.
/// </summary>
/// <param name="load">What it knows.</param>
/// <param name="exchange">How it asks.</param>
internal sealed class Http1Client(Load load, Exchange exchange)
{
    /// <summary>Over TLS.</summary>
    public bool IsSecure { get; init; }

    /// <summary>How long it thinks between two requests, at most.</summary>
    public TimeSpan Think { get; init; }

    /// <summary>How long a new connection is silent, at most.</summary>
    public TimeSpan Silence { get; init; }

    /// <summary>How many requests one connection carries.</summary>
    public int RequestsMax { get; init; } = int.MaxValue;

    public async Task RunAsync()
    {
        try
        {
            while (await ConnectAsync() is { } wire)
            {
                await using (wire)
                {
                    await AskAsync(await SecureAsync(wire));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over, and nothing of this client's was on its way.
        }
    }

    /// <summary>Asks once, and then keeps the connection until the server ends it.</summary>
    public async Task IdleAsync()
    {
        await using var wire = await ConnectAsync();
        if (wire is not null && await SecureAsync(wire) is { } secured && await TryAskAsync(secured))
        {
            try
            {
                await secured.ReadEndAsync(load.GivenUp);
                load.Tally.CountIdleEnd();
            }
            catch (OperationCanceledException)
            {
                load.Tally.CountLoss("an idle connection never ended");
            }
        }
    }

    private async Task<Http1Wire?> ConnectAsync()
    {
        var wire = await Http1Wire.ConnectAsync(IsSecure ? load.Site.Secure : load.Site.Plain, load.GivenUp);
        if (wire is null)
        {
            load.CountRefusal();
        }

        return wire;
    }

    private async Task<Http1Wire?> SecureAsync(Http1Wire wire)
    {
        try
        {
            return IsSecure ? await wire.SecureAsync(load.GivenUp) : wire;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
        {
            load.Tally.CountLoss($"cut in its handshake: {exception.Message}");
            return null;
        }
    }

    private async Task AskAsync(Http1Wire? wire)
    {
        await load.ThinkAsync(Silence);
        for (var left = RequestsMax; wire is not null && left > 0 && await TryAskAsync(wire); left--)
        {
            await load.ThinkAsync(Think);
        }
    }

    /// <summary>Asks once.</summary>
    /// <returns>Whether the connection may be asked again.</returns>
    private async Task<bool> TryAskAsync(Http1Wire wire)
    {
        if (wire.HasEnded)
        {
            load.Tally.CountTooLate();
            return false;
        }

        try
        {
            var answer = await exchange(wire, load);
            if (answer.Status is not (200 or 405))
            {
                load.Tally.CountLoss($"{exchange.Method.Name}: answered {answer.Status}");
            }

            load.Tally.CountAnswer(this, answer.AnnouncesClose);
            return !answer.AnnouncesClose;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            load.Tally.CountLoss($"{exchange.Method.Name}: {(exception is IOException ? exception.Message : "never answered")}");
            return false;
        }
    }
}
