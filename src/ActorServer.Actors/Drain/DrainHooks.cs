using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>Calls the application's hooks, one after the other, each within its time.</summary>
internal sealed class DrainHooks(IReadOnlyList<IDrainHook> hooks, TimeSpan wait, TimeProvider time, Log log)
{
    public bool Any => hooks.Count > 0;

    /// <summary>How long all of them may take together.</summary>
    public TimeSpan WaitMax => wait * hooks.Count;

    /// <summary>The first reason against a drain; null when there is none.</summary>
    public async Task<string?> OnRequestedAsync(DrainRequest request)
    {
        string? refusal = null;
        foreach (var hook in hooks)
        {
            // Purposefully the answer of the call that was awaited: a veto that comes too late is none.
            var answer = await CallAsync(
                hook, token => hook.OnDrainRequestedAsync(request, token), nameof(IDrainHook.OnDrainRequestedAsync));
            refusal ??= answer;
        }

        return request.IsBinding ? null : refusal;
    }

    public async Task OnDrainingAsync(DrainReport drain)
    {
        foreach (var hook in hooks)
        {
            await CallAsync(hook, Silent(token => hook.OnDrainingAsync(drain, token)), nameof(IDrainHook.OnDrainingAsync));
        }
    }

    public async Task OnDrainedAsync(DrainReport report)
    {
        foreach (var hook in hooks)
        {
            await CallAsync(hook, Silent(token => hook.OnDrainedAsync(report, token)), nameof(IDrainHook.OnDrainedAsync));
        }
    }

    private static Func<CancellationToken, Task<string?>> Silent(Func<CancellationToken, Task> call) => async token =>
    {
        await call(token);
        return null;
    };

    private async Task<string?> CallAsync(IDrainHook hook, Func<CancellationToken, Task<string?>> call, string name)
    {
        using CancellationTokenSource patience = new(wait, time);
        try
        {
            // On the pool: a hook that blocks holds up neither the supervisor nor the hooks after it.
            return await Task.Run(() => call(patience.Token), CancellationToken.None).WaitAsync(patience.Token);
        }
#pragma warning disable CA1031 // Whatever a hook throws, and however long it takes, the drain goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            log.HookFailed(exception, hook.GetType().Name, name);
            return null;
        }
    }
}
