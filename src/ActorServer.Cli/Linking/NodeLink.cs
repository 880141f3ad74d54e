using System.Threading.Channels;
using ActorServer.Actors;
using ActorServer.Cli.Screens;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Actor.Setup;

namespace ActorServer.Cli.Linking;

/// <summary>The way to one node: an actor system of its own, in no cluster.</summary>
internal sealed class NodeLink : IAsyncDisposable
{
    // Saying goodbye is manners: the node finds out by itself.
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(1);

    // The last part of a wait, in which it is found out what holds the answer up. Enough for a node across the world.
    private static readonly TimeSpan DoubtMax = TimeSpan.FromSeconds(2);

    private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();
    private readonly Queue<IWireAnswer> _early = [];
    private readonly LinkOptions _options;
    private readonly ActorSystem _system;
    private readonly ActorSelection _node;
    private readonly IActorRef _ear;
    private TimeSpan _spent;
    private string? _name;

    private NodeLink(LinkOptions options, string ownHost, TimeSpan spent)
    {
        (_options, _spent) = (options, spent);
        var (address, identity) = (options.Address, options.Identity);
        var config = LinkSettings.For(address, ownHost);
        // A setup, whatever is in it, has Akka read the application's XML configuration first, which takes its time.
        _system = identity is null
            ? ActorSystem.Create("actorctl", config)
            : ActorSystem.Create("actorctl", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), identity.ToSetup(isServer: true)));
        var writer = _heard.Writer;
        _ear = _system.ActorOf(Props.Create(() => new Ear(address, writer)), "ear");
        _node = _system.ActorSelection(
            new RootActorPath(new Address(address.Protocol, address.System, address.Host, address.Port)) / "user" / ActorServerNode.GatewayName);
    }

    public NodeAddress Address => _options.Address;

    /// <summary>Opens it. Nobody has answered yet.</summary>
    /// <exception cref="RefusedException">Who the node is could not be found out in time.</exception>
    public static async Task<NodeLink> OpenAsync(LinkOptions options, CancellationToken cancelled)
    {
        var began = options.Time.GetTimestamp();
        using CancellationTokenSource late = new(options.Timeout, options.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancelled);
        try
        {
            var ownHost = await LinkSettings.OwnHostAsync(options.Address, end.Token);
            return new(options, ownHost, options.Time.GetElapsedTime(began));
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new RefusedException($"{options.Address} cannot be reached: nobody says what address {options.Address.Host} is.");
        }
    }

    /// <summary>Asks, and waits for the answer.</summary>
    /// <exception cref="RefusedException">There is none, or it is a refusal.</exception>
    public async Task<T> AskAsync<T>(IWireRequest request, CancellationToken cancelled)
        where T : class, IWireAnswer
    {
        // What opening took is the first question's. All are made before anything is sent: the limit holds for all of it.
        var limit = _options.Timeout - _spent is { Ticks: > 0 } left ? left : TimeSpan.Zero;
        _spent = TimeSpan.Zero;
        using CancellationTokenSource late = new(limit, _options.Time);
        using CancellationTokenSource doubt = new(limit - (limit / 2 < DoubtMax ? limit / 2 : DoubtMax), _options.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancelled);
        using var doubtful = CancellationTokenSource.CreateLinkedTokenSource(end.Token, doubt.Token);
        _node.Tell(request, _ear);
        try
        {
            return await HearAsync<T>(doubtful.Token);
        }
        catch (WayLostException)
        {
            throw new RefusedException(await WhyAsync(end.Token, cancelled));
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            // It may still come: meanwhile the reason is looked for, so that it is there when the time is up.
            return await DoubtAsync<T>(end.Token, cancelled);
        }
    }

    /// <summary>The next word of a drain; null when the node was silent for so long.</summary>
    /// <exception cref="RefusedException">The node is gone.</exception>
    public async Task<IWireAnswer?> NextAsync(TimeSpan silence, CancellationToken cancelled)
    {
        if (_early.TryDequeue(out var early))
        {
            return early;
        }

        using CancellationTokenSource late = new(silence, _options.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancelled);
        try
        {
            while (true)
            {
                switch (await _heard.Reader.ReadAsync(end.Token))
                {
                    case DrainProgress progress:
                        return progress;
                    case DrainCompleted completed:
                        return completed;
                    case Here:
                        // Late mail is normal here: what was in doubt came after all.
                        break;
                    case WayLost lost:
                        throw new RefusedException($"{Address} is lost: {lost.Reason.TrimEnd('.')}. It may go on with what it was told.");
                    case var other:
                        throw Refusal(other);
                }
            }
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        var over = _system.Terminate();
        // Nobody waits for the manners of those who did not come.
        if (_name is not null)
        {
            await Task.WhenAny(over, Task.Delay(GoodbyeMax, _options.Time));
        }

        _options.Identity?.Dispose();
    }

    private async Task<T> DoubtAsync<T>(CancellationToken end, CancellationToken cancelled)
        where T : class, IWireAnswer
    {
        // A node says its name at once, whatever its other actors are waiting for.
        _name = null;
        _node.Tell(new Hello(), _ear);
        var why = WhyAsync(end, cancelled);
        try
        {
            return await HearAsync<T>(end);
        }
        catch (WayLostException)
        {
            throw new RefusedException(await why);
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new RefusedException(_name is null
                ? await why
                : Plain.Text($"{_name} is there, but did not answer within {new Duration(_options.Timeout)}: what it was told may still be done."));
        }
    }

    private async Task<T> HearAsync<T>(CancellationToken end)
        where T : class, IWireAnswer
    {
        while (true)
        {
            var heard = await _heard.Reader.ReadAsync(end);
            _name = (heard as IWireAnswer)?.Node ?? _name;
            switch (heard)
            {
                case T answer:
                    return answer;
                case DrainProgress or DrainCompleted:
                    // What a drain says can overtake what its verb waits for.
                    _early.Enqueue((IWireAnswer)heard);
                    break;
                case Here:
                    break;
                case WayLost:
                    throw new WayLostException();
                default:
                    throw Refusal(heard);
            }
        }
    }

    private async Task<string> WhyAsync(CancellationToken end, CancellationToken cancelled)
    {
        var why = await Diagnosis.OfAsync(_options, end);
        cancelled.ThrowIfCancellationRequested();
        return why;
    }

    private static RefusedException Refusal(object heard) => new(heard switch
    {
        Refused refused => Plain.Text($"{refused.Node}: {refused.Message}"),
        Gone { EndReason: { } reason } gone => Plain.Text($"Connection {gone.Id} has ended already: {reason}."),
        Gone gone => Plain.Text($"There is no connection {gone.Id}, or it ended too long ago to be remembered."),
        NotUnderstood not => Plain.Text($"{not.Node} does not understand {not.Manifest}; it may be older than this actorctl. {not.Message}"),
        Unreadable unreadable => Plain.Text($"The node said {unreadable.Manifest}; it may be newer than this actorctl. {unreadable.Problem}"),
        _ => $"The node said something else than was asked: {heard.GetType().Name}.",
    });

    private sealed class WayLostException : Exception;
}
