using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>The requests of one connection that are in flight: one over HTTP/1.1, many over HTTP/2. Whoever uses it has it locked.</summary>
/// <remarks>The first is part of it: an idle connection keeps no array.</remarks>
internal sealed class RunningRequests
{
    private Running _first;
    private Running[] _others = [];

    /// <summary>When the longest of them began; null when there is none.</summary>
    public DateTimeOffset? Since
    {
        get
        {
            var since = _first.IsFree ? long.MaxValue : _first.Since;
            foreach (ref readonly var other in _others.AsSpan())
            {
                since = other.IsFree ? since : Math.Min(since, other.Since);
            }

            return since == long.MaxValue ? null : new(since, TimeSpan.Zero);
        }
    }

    /// <summary>One has begun.</summary>
    public void Add(object request, string method, string path, DateTimeOffset at)
    {
        Running running = new(request, method, path, at.UtcTicks);
        if (_first.IsFree)
        {
            _first = running;
            return;
        }

        var free = Array.FindIndex(_others, static other => other.IsFree);
        if (free < 0)
        {
            free = _others.Length;
            Array.Resize(ref _others, (2 * free) + 1);
        }

        _others[free] = running;
    }

    /// <summary>One is over.</summary>
    /// <returns>False when it is none of these.</returns>
    public bool Remove(object request)
    {
        if (ReferenceEquals(_first.Request, request))
        {
            _first = default;
            return true;
        }

        foreach (ref var other in _others.AsSpan())
        {
            if (ReferenceEquals(other.Request, request))
            {
                other = default;
                return true;
            }
        }

        return false;
    }

    /// <summary>All are over.</summary>
    public void Clear() => (_first, _others) = (default, []);

    /// <summary>What is known of them.</summary>
    public CurrentRequest[] ToArray()
        => [.. _others.Prepend(_first).Where(static r => !r.IsFree).Select(static r => new CurrentRequest(r.Method, r.Path, new(r.Since, TimeSpan.Zero)))];

    private readonly record struct Running(object? Request, string Method, string Path, long Since)
    {
        public bool IsFree => Request is null;
    }
}
