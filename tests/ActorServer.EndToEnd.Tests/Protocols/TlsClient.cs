using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests;

/// <summary>A TLS client that also sees the records on the wire: SslStream itself ends the same way with close_notify and without.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private const byte Alert = 21;
    private const byte ApplicationData = 23;

    // TLS 1.3 hides what a record is: an alert is 2 bytes, the hidden kind is 1, the tag 16. No other record of a test is as short.
    private const int HiddenAlertLength = 2 + 1 + 16;

    private readonly RecordedStream _wire;

    private TlsClient(RawClient http, RecordedStream wire) => (Http, _wire) = (http, wire);

    /// <summary>What speaks over it.</summary>
    public RawClient Http { get; }

    /// <summary>The last thing that came was an alert: after a good end, close_notify.</summary>
    public bool HasHeardGoodbye => LastRecord() is (Alert, _) or (ApplicationData, HiddenAlertLength);

    public static async Task<TlsClient> ConnectAsync(Uri address, SslProtocols version, SslApplicationProtocol? protocol = null)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        RecordedStream wire = new(new NetworkStream(socket, ownsSocket: true));
        SslStream tls = new(wire);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            ApplicationProtocols = protocol is { } offered ? [offered] : null,
#pragma warning disable CA5359 // The tests' certificates are made by the tests.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        });
        return new(RawClient.Over(socket, tls), wire);
    }

    public ValueTask DisposeAsync() => Http.DisposeAsync();

    private (byte Type, int Length) LastRecord()
    {
        var bytes = _wire.Received;
        (byte, int) last = default;
        for (var at = 0; at < bytes.Count;)
        {
            var length = (bytes[at + 3] << 8) | bytes[at + 4];
            last = (bytes[at], length);
            at += 5 + length;
        }

        return last;
    }

    /// <summary>Keeps what it has read.</summary>
    private sealed class RecordedStream(NetworkStream inner) : Stream
    {
        public List<byte> Received { get; } = [];

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Received.AddRange(buffer.Span[..read]);
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            => inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
