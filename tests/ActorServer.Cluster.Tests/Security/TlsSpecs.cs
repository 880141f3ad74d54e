using ActorServer.Cluster.Tests.Support;
using ActorServer.Core.Wire;
using Akka.Actor;

namespace ActorServer.Cluster.Tests.Security;

/// <summary>Who is heard, where certificates say so.</summary>
public sealed class TlsSpecs
{
    [Fact]
    public async Task With_TLS_whoever_has_a_certificate_of_the_authority_is_heard_and_nobody_else()
    {
        using TestAuthority authority = new();
        using TestAuthority other = new();
        await using var node = TestNode.Start("tls-1", configure: o => authority.Configure(o, "node"));
        Assert.Equal("akka.ssl.tcp", node.Address.Protocol);
        await using var friend = Ops.Start(tls: Load(authority, authority));
        await using var stranger = Ops.Start(tls: Load(other, other));
        await using var plain = Ops.Start();

        Assert.Equal("tls-1", (await friend.AskAsync<Here>(node, new Hello())).Node);
        Assert.True(await IsRefusedAsync(stranger, node));
        Assert.True(await IsRefusedAsync(plain, node));
        Assert.Equal("tls-1", (await friend.AskAsync<Here>(node, new Hello())).Node);
    }

    [Fact]
    public void A_certificate_that_the_authority_has_not_signed_is_no_start()
    {
        using TestAuthority authority = new();
        using TestAuthority other = new();
        ClusterOptions options = new();
        other.Configure(options, "node");
        options.Tls.Authority = authority.Path;

        Assert.Contains("would be refused by its peers", ClusterSettings.Conflict(options), StringComparison.Ordinal);
    }

    private static Akka.Actor.Setup.Setup Load(TestAuthority signer, TestAuthority trusted)
    {
        var (certificate, key) = signer.Sign("ops");
        return PeerCertificates.Load(certificate, key, trusted.Path).ToSetup();
    }

    // The association fails, and says so; a message that is never answered says nothing.
    private static async Task<bool> IsRefusedAsync(Ops ops, TestNode node)
    {
        using var events = Inbox.Create(ops.System);
        ops.System.EventStream.Subscribe(events.Receiver, typeof(Akka.Remote.AssociationErrorEvent));
        var protocol = ((ExtendedActorSystem)ops.System).Provider.DefaultAddress.Protocol;
        ops.System.ActorSelection($"{node.Address.WithProtocol(protocol)}/user/actor-server").Tell(new Hello(), ops.Inbox.Receiver);
        return await events.ReceiveAsync(TestNode.WaitMax) is Akka.Remote.AssociationErrorEvent;
    }
}
