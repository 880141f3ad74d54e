using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Holds the transport between seeing that bytes have come and reading them: it asks for memory to read into, and this memory
/// pool does not return. So it is with every connection on a computer that is busy enough, for a moment.
/// </summary>
internal sealed class HeldReceive : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private readonly ManualResetEventSlim _released = new();
    private readonly TaskCompletionSource _holds = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _holding;

    /// <summary>Bytes have come, and are not read.</summary>
    public Task Holds => _holds.Task;

    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <summary>The next one who asks for memory is held.</summary>
    public void Hold() => _holding = true;

    public void Release() => _released.Set();

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (_holding)
        {
            _holds.TrySetResult();
            _released.Wait();
        }

        return Shared.Rent(Math.Max(minBufferSize, 4096));
    }

    // Whatever happens, no server is left hanging.
    protected override void Dispose(bool disposing) => _released.Set();
}
