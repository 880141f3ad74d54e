using System.Buffers;
using ActorServer.Core;

namespace ActorServer.Kestrel;

/// <summary>Lines to a file, in blocks.</summary>
internal sealed class FileSink(RollingFile file, AccessFormatter formatter) : IAccessSink
{
    private const int BlockSize = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _block = new(BlockSize * 2);

    public long Written { get; private set; }

    public void Open() => file.Open();

    public void Write(ReadOnlySpan<LoggedRequest> requests)
    {
        _block.ResetWrittenCount();
        var lines = 0;
        for (var i = 0; i < requests.Length; i++)
        {
            formatter.Write(requests[i].Entry, _block);
            lines++;
            if (_block.WrittenCount >= BlockSize || i == requests.Length - 1)
            {
                file.Write(_block.WrittenSpan);
                Written += lines;
                lines = 0;
                _block.ResetWrittenCount();
            }
        }
    }

    public void Dispose() => file.Dispose();
}
