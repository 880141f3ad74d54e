namespace ActorServer.Actors.Tests;

/// <summary>A transport that fails whenever something is asked of it, and counts how often that was.</summary>
internal sealed class StubbornTransport : ITransport
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public string? Peer => null;

    public string? Local => null;

    public string? Protocol => "HTTP/1.1";

    public bool Tls => false;

    public long BytesSent => 0;

    public bool PeerClosed => false;

    public void Announce() => throw Fail();

    public void Withdraw() => throw Fail();

    public bool TryRequestClose() => throw Fail();

    public void Abort(string reason) => throw Fail();

    private InvalidOperationException Fail()
    {
        Interlocked.Increment(ref _calls);
        return new("A transport that always fails.");
    }
}
