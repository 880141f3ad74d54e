using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>A reference to a connection by its identity.</summary>
public sealed class ConnectionRef
{
    private readonly ActorServerNode _node;

    internal ConnectionRef(ActorServerNode node, string id) => (_node, Id) = (node, id);

    /// <summary>The connection's identity.</summary>
    public string Id { get; }

    /// <summary>The connection as it is, or as it ended; null when it is unknown or its end is forgotten.</summary>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    public async Task<ConnectionSnapshot?> GetAsync(CancellationToken cancellationToken = default)
        => (await _node.AskAsync<ConnectionFound>(new GetConnection(Id), cancellationToken)).Snapshot;

    /// <summary>Closes it once nothing is in flight: a busy one announces the close with its response.</summary>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    public Task<CommandResult> CloseAsync(CancellationToken cancellationToken = default)
        => _node.AskAsync<CommandResult>(new CommandConnection(Id, Abort: false), cancellationToken);

    /// <summary>Cuts it now.</summary>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    public Task<CommandResult> AbortAsync(CancellationToken cancellationToken = default)
        => _node.AskAsync<CommandResult>(new CommandConnection(Id, Abort: true), cancellationToken);
}

/// <summary>What became of a command to one connection.</summary>
public enum CommandResult
{
    /// <summary>The connection's actor has been told.</summary>
    Accepted,

    /// <summary>The connection has ended already.</summary>
    Gone,

    /// <summary>There is no such connection, or its end is forgotten.</summary>
    Unknown,
}
