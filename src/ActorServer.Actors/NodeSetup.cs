using ActorServer.Core;
using Microsoft.Extensions.Logging;

namespace ActorServer.Actors;

/// <summary>What the actors of one node are given.</summary>
internal sealed record NodeSetup(
    string Node, DrainSettings Drain, NodeLimits Limits, IListenerGate Gate, TimeProvider Time, ObserverRelay Observers, DrainHooks Hooks, Log Log)
{
    public static NodeSetup Create(
        string node,
        DrainSettings drain,
        LimitSettings limits,
        IListenerGate gate,
        TimeProvider time,
        IEnumerable<IConnectionObserver> observers,
        IEnumerable<IDrainHook> hooks,
        ILoggerFactory loggers)
    {
        var log = new Log(new GuardedLogger(loggers.CreateLogger("ActorServer.Actors")));
        return new(node, drain, new(limits, time.GetUtcNow()), gate, time, new(observers, log), new([.. hooks], drain.HookWait.Value, time, log), log);
    }
}
