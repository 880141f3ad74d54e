using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Kestrel's transport in small, that can be held between hearing that bytes have come and reading them, where a busy computer
/// holds the real one now and then. What clients send meanwhile stays in the kernel.
/// </summary>
internal sealed class HeldTransport : IConnectionListenerFactory
{
    private readonly Channel<bool> _ended = Channel.CreateUnbounded<bool>();
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _open = new();
    private int _looksLeft = int.MaxValue;

    public HeldTransport() => _open.SetResult();

    public void AddTo(WebApplicationBuilder builder) => builder.Services.AddSingleton<IConnectionListenerFactory>(this);

    public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _open.TrySetResult();

    /// <summary>Completes when somebody has asked for a connection's socket so often from now on.</summary>
    public Task LookedAtAsync(int times)
    {
        Volatile.Write(ref _looksLeft, times);
        return _looked.Task;
    }

    /// <summary>Completes when so many connections have ended.</summary>
    public async Task EndedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _ended.Reader.ReadAsync();
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endpoint);
        socket.Listen();
        return new(new Listener(this, socket));
    }

    private void Look()
    {
        if (Interlocked.Decrement(ref _looksLeft) == 0)
        {
            _looked.SetResult();
        }
    }

    private sealed class Listener(HeldTransport transport, Socket socket) : IConnectionListener
    {
        private readonly EndPoint _endPoint = socket.LocalEndPoint!;

        public EndPoint EndPoint => _endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return new Connection(transport, await socket.AcceptAsync(cancellationToken), new(), new());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Connection : DefaultConnectionContext, IConnectionSocketFeature, IDuplexPipe
    {
        private readonly HeldTransport _transport;
        private readonly Socket _socket;
        private readonly Pipe _input;
        private readonly Pipe _output;
        private readonly Task _receiving;
        private readonly Task _sending;

        public Connection(HeldTransport transport, Socket socket, Pipe input, Pipe output)
            : base(Guid.NewGuid().ToString("N"))
        {
            (_transport, _socket, _input, _output) = (transport, socket, input, output);
            Transport = this;
            (LocalEndPoint, RemoteEndPoint) = (socket.LocalEndPoint, socket.RemoteEndPoint);
            Features.Set<IConnectionSocketFeature>(this);
            _receiving = ReceiveAsync();
            _sending = SendAsync();
        }

        Socket IConnectionSocketFeature.Socket
        {
            get
            {
                _transport.Look();
                return _socket;
            }
        }

        public PipeReader Input => _input.Reader;

        public PipeWriter Output => _output.Writer;

        public override void Abort(ConnectionAbortedException abortReason) => _socket.Dispose();

        public override async ValueTask DisposeAsync()
        {
            await _output.Writer.CompleteAsync();
            await _input.Reader.CompleteAsync();
            await _sending;
            _socket.Dispose();
            _transport._ended.Writer.TryWrite(true);
            await _receiving;
            await base.DisposeAsync();
        }

        private async Task ReceiveAsync()
        {
            try
            {
                int received;
                do
                {
                    // Purposefully not a read of no bytes, as Kestrel does it: that may end before any have come.
                    await _socket.ReceiveAsync(new byte[1], SocketFlags.Peek);
                    await _transport._open.Task;
                    received = await _socket.ReceiveAsync(_input.Writer.GetMemory());
                    _input.Writer.Advance(received);
                }
                while (received > 0 && !(await _input.Writer.FlushAsync()).IsCompleted);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Either side has cut it.
            }

            await _input.Writer.CompleteAsync();
        }

        private async Task SendAsync()
        {
            try
            {
                ReadResult result;
                do
                {
                    result = await _output.Reader.ReadAsync();
                    foreach (var segment in result.Buffer)
                    {
                        await _socket.SendAsync(segment);
                    }

                    _output.Reader.AdvanceTo(result.Buffer.End);
                }
                while (!result.IsCompleted);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Either side has cut it.
            }

            await _output.Reader.CompleteAsync();
        }
    }
}
