using ActorServer.Actors.Tests.Steering;
using ActorServer.Core;
using ActorServer.Core.Wire;
using ActorServer.TestKit;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors.Tests.Gateways;

/// <summary>Nobody makes a node grow by asking: what is too much is refused, and said in the log, but not for each.</summary>
public sealed class BoundSpecs : IAsyncDisposable
{
    private readonly Journal _log = new();
    private readonly TaskCompletionSource<string?> _thinking = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly VirtualNode _node;
    private readonly GatewayProbe _probe;

    public BoundSpecs()
    {
        _node = VirtualNode.Start(
            loggers: new JournalLoggers(_log, "NotUnderstood", "WireChange", "GatewayBusy"), hooks: [new Thinker(_thinking.Task)], drain: new() { LameDuck = TimeSpan.FromHours(1) });
        _probe = new(_node);
    }

    public async ValueTask DisposeAsync()
    {
        _thinking.TrySetResult(null);
        _probe.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Subscribers_are_so_many_and_one_who_goes_makes_room()
    {
        List<Inbox> others = [.. Enumerable.Range(0, 100).Select(_ => Inbox.Create(_node.System))];
        foreach (var other in others)
        {
            _probe.Tell(new SubscribeToDrain(), other.Receiver);
        }

        var refused = await _probe.AskAsync<Refused>(new SubscribeToDrain());
        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains("too many are told of its drains already", refused.Message, StringComparison.Ordinal);

        // Who is one of them may say so again.
        _probe.Tell(new SubscribeToDrain(), others[0].Receiver);
        _probe.Tell(new UnsubscribeFromDrain(), others[1].Receiver);
        await _probe.AskAsync<Subscribed>(new SubscribeToDrain());
        others.ForEach(o => o.Dispose());
    }

    [Fact]
    public async Task Requests_under_way_are_so_many_and_answers_make_room()
    {
        for (var i = 0; i < 250; i++)
        {
            _probe.Tell(new Drain(Reason: Thinker.Word), ActorRefs.NoSender);
        }

        Assert.Equal(RefusalCode.Busy, (await _probe.AskAsync<Refused>(new Wire.GetStatus())).Code);
        Assert.Equal(RefusalCode.Busy, (await _probe.AskAsync<Refused>(new Drain())).Code);
        // Still: it is there.
        await _probe.AskAsync<Here>(new Hello());

        _thinking.SetResult("no");
        await AnsweredAsync();
        Assert.Contains(_log.Entries, m => m.Contains("too many requests are under way", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Couriers_are_so_many()
    {
        ((ActorServerNode)_node.Server).Enter(new ClusterOf(ClusterOf.Nowhere));
        using var asker = Inbox.Create(_node.System);
        for (var i = 0; i < 250; i++)
        {
            _probe.Tell(new Wire.GetStatus("web-9"), asker.Receiver);
        }

        var refused = await _probe.AskAsync<Refused>(new Wire.GetStatus("web-9"));

        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains("too many requests for other nodes are under way", refused.Message, StringComparison.Ordinal);
        Assert.Equal(250, _probe.Couriers.Count());
        // What is for this node is not held up.
        await _probe.AskAsync<StatusAnswer>(new Wire.GetStatus());
    }

    [Fact]
    public async Task Those_who_wait_for_the_end_of_a_drain_are_so_many()
    {
        _thinking.SetResult(null);
        for (var i = 0; i < 1000; i++)
        {
            await _probe.AskAsync<DrainAccepted>(new Drain(Extend: true));
        }

        var refused = await _probe.AskAsync<Refused>(new Drain());
        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains("too many wait for the end of its drain", refused.Message, StringComparison.Ordinal);

        await _node.Server.ResumeAsync();
        for (var i = 0; i < 1000; i++)
        {
            await _probe.HearAsync<DrainCompleted>();
        }

        await _probe.AskAsync<DrainAccepted>(new Drain());
    }

    [Fact]
    public async Task What_others_can_write_to_the_log_is_a_few_lines_a_minute_and_how_many_there_were_is_said()
    {
        for (var i = 0; i < 100; i++)
        {
            _probe.Tell(new Unreadable("drain/7", "unknown."));
        }

        Assert.Equal(10, await LinesAsync(100));
        _node.Advance(TimeSpan.FromMinutes(1));
        _probe.Tell(new Unreadable("drain/7", "unknown."));
        Assert.Equal(11, await LinesAsync(1));
        Assert.Contains(_log.Entries, m => m.Contains("(90 such lines were left away before.)", StringComparison.Ordinal));

        async Task<int> LinesAsync(int answers)
        {
            for (var i = 0; i < answers; i++)
            {
                await _probe.HearAsync<NotUnderstood>();
            }

            return _log.Entries.Count(m => m.Contains("is not understood", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_line_is_a_line_whatever_others_put_into_it()
    {
        const string Forged = "a\r\nForged\u0085Forged\u2028Forged\u202EdegroF\e[2J";
        var sender = new Named(new RootActorPath(new Address("akka", "x")) / Forged);

        _probe.Tell(new Unreadable(Forged, Forged), sender);
        _probe.Tell(new Drain(Reason: "x\u2028y", By: "\u202Eann"), sender);
        await _probe.SettleAsync();

        Assert.Contains(_log.Entries, m => m.Contains("is not understood", StringComparison.Ordinal));
        Assert.Contains(_log.Entries, m => m.StartsWith("Drain of", StringComparison.Ordinal));
        Assert.All(_log.Entries, m => Assert.DoesNotMatch(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]", m));
    }

    private async Task AnsweredAsync()
    {
        // Each makes room as it ends, in an order of its own.
        object answer;
        do
        {
            _probe.Tell(new Wire.GetStatus());
            answer = await _probe.HearAnyAsync();
        }
        while (answer is Refused);

        Assert.IsType<StatusAnswer>(answer);
    }

    private sealed class Named(ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override IActorRefProvider Provider => null!;

        protected override void TellInternal(object message, IActorRef sender)
        {
            // Only its name is of interest.
        }
    }

    private sealed class Thinker(Task<string?> thinking) : IDrainHook
    {
        public const string Word = "think";

        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
            => request.Reason == Word ? thinking : Task.FromResult<string?>(null);
    }
}
