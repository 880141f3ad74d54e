using ActorServer.Cluster.Tests.Support;
using ActorServer.Core;
using ActorServer.Core.Wire;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Cluster.Tests.Security;

/// <summary>Nobody changes a node that he has not named, by whatever actor of the cluster hands the message on.</summary>
public sealed class ByChanceSpecs : IAsyncLifetime
{
    private readonly Ops _ops = Ops.Start();
    private TestNode[] _nodes = [];

    public async Task InitializeAsync() => _nodes = await TestNode.StartAsync("web", "db");

    public async Task DisposeAsync()
    {
        await _ops.DisposeAsync();
        await Task.WhenAll(_nodes.Select(n => n.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData("/system/distributedPubSubMediator", false)]
    [InlineData("/system/distributedPubSubMediator", true)]
    [InlineData("/system/receptionist", false)]
    [InlineData("/system/receptionist", true)]
    public async Task A_change_in_an_envelope_must_name_its_node(string post, bool toAll)
    {
        await KnownAsync(post);

        foreach (var change in (IWireChange[])[new Wire.Suspend(), new Drain(), new Leave(), new Resume(), new Down("192.0.2.1:4053")])
        {
            Send(post, toAll, change);
            Assert.Equal(RefusalCode.NodeNotNamed, await RefusalAsync());
        }

        foreach (var node in _nodes)
        {
            var status = await node.Node.StatusAsync();
            Assert.Equal((NodePhase.Serving, true), (status.Phase, status.Accepting));
        }
    }

    [Fact]
    public async Task A_change_in_an_envelope_reaches_the_node_it_names()
    {
        await KnownAsync("/system/distributedPubSubMediator");

        Send("/system/distributedPubSubMediator", toAll: false, new Wire.Suspend("db"));

        while (!(await HearAsync()).Equals(("db", false)))
        {
            // What was asked before may be answered late.
        }
    }

    // Until the mediator knows of both, it hands what is for all to one of them.
    private async Task KnownAsync(string post)
    {
        HashSet<string> heard = [];
        while (heard.Count < _nodes.Length)
        {
            Send(post, toAll: true, new Wire.GetStatus());
            heard.Add((await HearAsync()).Node);
        }
    }

    private async Task<RefusalCode> RefusalAsync()
    {
        while (true)
        {
            switch (await _ops.Inbox.ReceiveAsync(TestNode.WaitMax))
            {
                case Refused refused:
                    return refused.Code;
                case StatusAnswer { Status.Accepting: true }:
                    // What was asked before may be answered late.
                    break;
                case var other:
                    Assert.Fail($"Not refused: {other}");
                    break;
            }
        }
    }

    private async Task<(string Node, bool Accepting)> HearAsync()
    {
        var answer = await _ops.HearAsync<StatusAnswer>();
        return (answer.Node, answer.Status.Accepting);
    }

    private void Send(string post, bool toAll, IWireRequest request)
        => _ops.System.ActorSelection($"{_nodes[0].Address}{post}").Tell(
            toAll ? new SendToAll("/user/actor-server", request) : new Send("/user/actor-server", request, localAffinity: false), _ops.Inbox.Receiver);
}
