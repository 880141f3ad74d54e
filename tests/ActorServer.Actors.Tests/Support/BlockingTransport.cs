namespace ActorServer.Actors.Tests;

/// <summary>A transport whose first verb blocks until it is let go.</summary>
internal sealed class BlockingTransport : ITransport, IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a verb blocks.</summary>
    public Task Entered => _entered.Task;

    public string? Peer => null;

    public string? Local => null;

    public string? Protocol => "HTTP/1.1";

    public bool Tls => false;

    public long BytesSent => 0;

    public bool PeerClosed => false;

    public void Release() => _release.Set();

    public void Announce() => Block();

    public void Withdraw() => Block();

    public bool TryRequestClose()
    {
        Block();
        return true;
    }

    public void Abort(string reason) => Block();

    // Its actor may still look at the event: it is left to the garbage collector.
    public void Dispose() => Release();

    private void Block()
    {
        _entered.TrySetResult();
        _release.Wait(VirtualNodeExtensions.WaitMax);
    }
}
