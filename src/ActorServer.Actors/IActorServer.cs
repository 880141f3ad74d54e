using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>A node's verbs in code. It asks the node's actors, and holds no state.</summary>
public interface IActorServer
{
    /// <summary>The node's name.</summary>
    string Node { get; }

    /// <summary>Completes with the report of the node's drain when it has ended.</summary>
    Task<DrainReport> WhenDrained { get; }

    /// <summary>What the node bears now.</summary>
    LimitSettings Limits { get; }

    /// <summary>Changes what the node bears, at once: connections that wait for a place come in when there are more.</summary>
    /// <param name="limits">All limits as they are to be.</param>
    /// <param name="by">Who changes them, for the log.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is not allowed; nothing has changed.</exception>
    void ChangeLimits(LimitSettings limits, string by);

    /// <summary>Begins a drain, or joins the one that runs.</summary>
    /// <param name="request">What is wanted of it; null: as the options say, from <see cref="DrainTrigger.Code"/>.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>The drain as it stands.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A duration of the request is not allowed.</exception>
    /// <exception cref="DrainRefusedException">A hook of the application refused it.</exception>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<DrainReport> BeginDrainAsync(DrainRequest? request = null, CancellationToken cancellationToken = default);

    /// <summary>Begins a drain, or joins the one that runs, and waits for its end.</summary>
    /// <param name="request">What is wanted of it; null: as the options say, from <see cref="DrainTrigger.Code"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the drain goes on.</param>
    /// <returns>The drain as it ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A duration of the request is not allowed.</exception>
    /// <exception cref="DrainRefusedException">A hook of the application refused it.</exception>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<DrainReport> DrainAsync(DrainRequest? request = null, CancellationToken cancellationToken = default);

    /// <summary>Calls a drain off, or opens the ports of a suspended node: it serves again. Does nothing when it serves.</summary>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>The node's status afterwards.</returns>
    /// <exception cref="DrainRefusedException">The process is about to end, or a port cannot be bound; the node stays as it was.</exception>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<NodeStatus> ResumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the ports without a drain, losing no connection; those that are open are served. Resume undoes it.</summary>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>The node's status afterwards.</returns>
    /// <exception cref="DrainRefusedException">The node drains, and closes its ports in its own time.</exception>
    /// <exception cref="TimeoutException">The node's supervisor does not answer.</exception>
    Task<NodeStatus> SuspendAsync(CancellationToken cancellationToken = default);

    /// <summary>Holds a drain up for work that outlives its request, until the lease is disposed or the deadline comes.</summary>
    /// <param name="name">What the drain's report calls it.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    DrainLease HoldDrain(string name);

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
