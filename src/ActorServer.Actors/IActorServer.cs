using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>A node's verbs in code. It asks the node's actors, and holds no state.</summary>
public interface IActorServer
{
    /// <summary>The node's name.</summary>
    string Node { get; }

    /// <summary>Completes with the report of the node's drain when it has ended.</summary>
    Task<DrainReport> WhenDrained { get; }

    /// <summary>Begins a drain, or joins the one that runs.</summary>
    /// <param name="request">What is wanted of it; null: as the options say, from <see cref="DrainTrigger.Code"/>.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>The drain as it stands.</returns>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<DrainReport> BeginDrainAsync(DrainRequest? request = null, CancellationToken cancellationToken = default);

    /// <summary>Begins a drain, or joins the one that runs, and waits for its end.</summary>
    /// <param name="request">What is wanted of it; null: as the options say, from <see cref="DrainTrigger.Code"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the drain goes on.</param>
    /// <returns>The drain as it ended.</returns>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<DrainReport> DrainAsync(DrainRequest? request = null, CancellationToken cancellationToken = default);

    /// <summary>The node's status.</summary>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<NodeStatus> StatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists connections, oldest first.</summary>
    /// <param name="query">Which; null: all, the first page.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The query's limit is not 1 to <see cref="ConnectionQuery.LimitMax"/>.</exception>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<ConnectionPage> ConnectionsAsync(ConnectionQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>A reference to a connection by its identity. It is free to make and never dangles: a gone one answers "gone".</summary>
    /// <param name="id">The identity.</param>
    ConnectionRef Connection(string id);
}
