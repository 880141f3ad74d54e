namespace ActorServer.Actors.Tests;

/// <summary>A transport that holds whoever asks for its peer, or for what remains of it, and then fails, once.</summary>
internal sealed class StumblingTransport : ITransport, IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody is held.</summary>
    public Task Entered => _entered.Task;

    public ITransport Remains => _entered.TrySetResult() ? throw Fail() : this;

    public string? Peer => _entered.TrySetResult() ? throw Fail() : null;

    public string? Local => null;

    public string? Protocol => "HTTP/1.1";

    public bool Tls => false;

    public long BytesSent => 0;

    public bool PeerClosed => false;

    public void Release() => _release.Set();

    public void Announce()
    {
    }

    public void Withdraw()
    {
    }

    public bool TryRequestClose() => true;

    public void Abort(string reason)
    {
    }

    public void Dispose() => _release.Dispose();

    private InvalidOperationException Fail()
    {
        _release.Wait(VirtualNodeExtensions.WaitMax);
        return new("A transport that does not know itself.");
    }
}
