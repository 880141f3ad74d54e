namespace ActorServer.Actors.Tests.Steering;

/// <summary>A transport that fails the first time somebody wants to know its peer.</summary>
internal sealed class FailingTransport : ITransport
{
    private int _asked;

    public bool HasFailed => Volatile.Read(ref _asked) > 0;

    public string? Peer
        => Interlocked.Increment(ref _asked) == 1 ? throw new InvalidOperationException("A bug in a transport.") : null;

    public string? Local => null;

    public string? Protocol => null;

    public bool Tls => false;

    public long BytesSent => 0;

    public bool PeerClosed => false;

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
}
