using System.Globalization;
using ActorServer.Core;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>Asks the node what a request wants to know. It always comes to an answer, and holds nothing.</summary>
internal sealed class Answers(ActorServerNode node, Log log)
{
    /// <summary>The answer to a request.</summary>
    public async Task<Answered> ToAsync(Wire.IWireRequest request)
    {
        try
        {
            Wire.IWireAnswer answer = request switch
            {
                Wire.GetStatus => Answer(await node.StatusAsync()),
                Wire.Resume => Answer(await node.ResumeAsync()),
                Wire.Suspend => Answer(await node.SuspendAsync()),
                Wire.SubscribeToDrain => new Wire.Subscribed(node.Node, (await node.StatusAsync()).Drain),
                Wire.ListConnections list => await PageAsync(Wire.WireRules.ToQuery(list)),
                Wire.GetConnection get => await FindAsync(get.Id),
                Wire.CloseConnection close => await CloseAsync(close),
                _ => Refusal(Wire.RefusalCode.Invalid, $"{request.GetType().Name} is not for this address."),
            };
            return new(answer);
        }
#pragma warning disable CA1031 // Whatever fails, whoever asked is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new(Refusal(exception));
        }
    }

    /// <summary>The answer about a connection; if it is not known here, whoever else may know it is to be asked.</summary>
    public async Task<IOutcome> OrElsewhereAsync(Wire.IWireRequest request)
        => await ToAsync(request) is var answered && answered.Answer is Wire.Gone { EndReason: null } ? new Elsewhere(request) : answered;

    /// <summary>Begins a drain.</summary>
    /// <returns>For the gateway: a <see cref="DrainGranted"/>, or a refusal to be told.</returns>
    public async Task<IOutcome> DrainAsync(DrainRequest request, string? leave)
    {
        try
        {
            return new DrainGranted(await node.BeginAsync(request, CancellationToken.None), leave);
        }
#pragma warning disable CA1031 // Whatever fails, whoever asked is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new Answered(Refusal(exception));
        }
    }

    /// <summary>How far the drain has come.</summary>
    public async Task<Progress> ProgressAsync()
    {
        try
        {
            return new((await node.StatusAsync()).Drain);
        }
        catch (TimeoutException)
        {
            // The next drain will say.
            return new(null);
        }
    }

    private Wire.StatusAnswer Answer(NodeStatus status) => new(node.Node, status);

    // A page that is too long to be sent is asked for once more, of as many as fit. It may have grown meanwhile: fewer, then.
    private async Task<Wire.ConnectionsAnswer> PageAsync(ConnectionQuery query)
    {
        while (true)
        {
            var page = await node.ConnectionsAsync(query);
            var fitting = Wire.WireCodec.Fitting(page.Items);
            if (fitting == page.Items.Count)
            {
                return new(node.Node, page.Items, page.Next?.ToString(CultureInfo.InvariantCulture));
            }

            query = query with { Limit = fitting };
        }
    }

    private async Task<Wire.IWireAnswer> FindAsync(string id)
        => await node.Connection(id).GetAsync() is { } connection
            ? new Wire.ConnectionAnswer(node.Node, connection)
            : new Wire.Gone(node.Node, id, EndReason: null);

    private async Task<Wire.IWireAnswer> CloseAsync(Wire.CloseConnection close)
    {
        var connection = node.Connection(close.Id);
        return await (close.Abort ? connection.AbortAsync() : connection.CloseAsync()) switch
        {
            CommandResult.Accepted => new Wire.CloseAccepted(node.Node, close.Id, close.Abort),
            CommandResult.Gone or CommandResult.Unknown => new Wire.Gone(node.Node, close.Id, (await connection.GetAsync())?.EndReason),
        };
    }

    private Wire.Refused Refusal(Exception exception) => exception switch
    {
        DrainRefusedException refused => Refusal(Wire.RefusalCode.Conflict, refused.Message),
        TimeoutException timeout => Refusal(Wire.RefusalCode.NoAnswer, timeout.Message),
        _ => Unexpected(exception),
    };

    private Wire.Refused Unexpected(Exception exception)
    {
        log.GatewayFailed(exception);
        return Refusal(Wire.RefusalCode.NoAnswer, "The node failed to answer; its log says why.");
    }

    private Wire.Refused Refusal(Wire.RefusalCode code, string message) => new(node.Node, code, message);
}
