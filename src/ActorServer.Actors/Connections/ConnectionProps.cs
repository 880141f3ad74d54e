using Akka.Actor;

namespace ActorServer.Actors;

/// <summary>How the actor of one connection is made, the first time and after a crash: without reflection.</summary>
/// <remarks>What is the same for all connections, they share: Akka's own way keeps 100 bytes more for each.</remarks>
internal sealed class ConnectionProps : Props, IIndirectActorProducer
{
    private static readonly Props Shared = Create<ConnectionActor>().WithMailbox(ConnectionMailbox.Name);

    private readonly ConnectionCell _cell;
    private readonly NodeSetup _setup;

    public ConnectionProps(ConnectionCell cell, NodeSetup setup)
        : base(Shared)
        => (_cell, _setup) = (cell, setup);

    public Type ActorType => typeof(ConnectionActor);

    public override ActorBase NewActor() => Produce();

    public ActorBase Produce() => new ConnectionActor(_cell, _setup);

    public void Release(ActorBase actor)
    {
        // It holds nothing.
    }

    protected override Props Copy() => new ConnectionProps(_cell, _setup);
}
