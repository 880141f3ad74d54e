namespace ActorServer.Actors;

/// <summary>What the supervisor can see of the node's listening sockets and do to them. Only the supervisor calls the verbs.</summary>
public interface IListenerGate
{
    /// <summary>The ports are open.</summary>
    bool Accepting { get; }

    /// <summary>Lets connections accepted from now on announce their close with their first response. Harmless when repeated.</summary>
    void Announce();

    /// <summary>Closes the ports. Harmless when repeated: a second call awaits the first.</summary>
    /// <returns>Completes when no connection can come any more and all that came have been reported.</returns>
    Task CloseAsync();
}
