namespace ActorServer.Actors;

/// <summary>What the supervisor can see of the node's listening sockets and do to them. Only the supervisor calls the verbs.</summary>
public interface IListenerGate
{
    /// <summary>The ports are open.</summary>
    bool Accepting { get; }

    /// <summary>Lets connections accepted from now on announce their close with their first response. Harmless when repeated.</summary>
    void Announce();

    /// <summary>Takes <see cref="Announce"/> back for connections accepted from now on.</summary>
    void Withdraw();

    /// <summary>Closes the ports. Harmless when repeated: a second call awaits the first.</summary>
    /// <returns>Completes when no connection can come any more and all that came have been reported.</returns>
    Task CloseAsync();

    /// <summary>Opens the ports that <see cref="CloseAsync"/> closed, all or none. Waits for a closing that is under way.</summary>
    /// <exception cref="IOException">A port cannot be bound: another process has it. The others are closed again.</exception>
    Task OpenAsync();
}
