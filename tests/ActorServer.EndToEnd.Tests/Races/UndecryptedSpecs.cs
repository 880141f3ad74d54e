using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>
/// Requests over TLS that have left the kernel and are not decrypted yet when their idle connection's turn comes to close: the socket
/// has no unread bytes, and HTTP has seen none.
/// </summary>
public sealed class UndecryptedSpecs
{
    private const int Clients = 10;

    private static readonly DrainRequest Patient = new(DrainTrigger.Code, Budget: Duration.Infinite);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_close_that_does_not_look_loses_those_that_are_half_there()
        => Assert.Equal(Clients, await LoseHalvesAsync(looks: false));

    [Fact]
    public async Task A_close_that_looks_waits_for_the_other_half() => Assert.Equal(0, await LoseHalvesAsync(looks: true));

    [Fact]
    public async Task A_close_that_does_not_look_loses_those_that_wait_to_be_decrypted()
        => Assert.Equal(Clients, await LoseWaitingAsync(looks: false));

    [Fact]
    public async Task A_close_that_looks_has_them_decrypted() => Assert.Equal(0, await LoseWaitingAsync(looks: true));

    private static async Task<int> LoseHalvesAsync(bool looks)
    {
        HeldReads reads = new();
        await using var server = await StartAsync(reads, looks);
        var clients = await ConnectAsync(server);
        foreach (var (client, wire) in clients)
        {
            wire.SendsHalf = true;
            await client.SendGetAsync("/hello");
        }

        await reads.AllReadAsync();
        var drained = await server.DrainPastPortsAsync(Patient);
        foreach (var (_, wire) in clients)
        {
            await wire.SendRestAsync();
        }

        var lost = await clients.Select(c => c.Client).CountLostAsync();
        await drained.WaitAsync(WaitMax);
        return lost;
    }

    private static async Task<int> LoseWaitingAsync(bool looks)
    {
        HeldReads reads = new();
        await using var server = await StartAsync(reads, looks);
        var clients = await ConnectAsync(server);
        var held = reads.HoldAsync(Clients);
        foreach (var (client, _) in clients)
        {
            await client.SendGetAsync("/hello");
        }

        await held.WaitAsync(WaitMax);
        var drained = await server.DrainPastPortsAsync(Patient);
        reads.Release();

        var lost = await clients.Select(c => c.Client).CountLostAsync();
        await drained.WaitAsync(WaitMax);
        return lost;
    }

    private static Task<StartedServer> StartAsync(HeldReads reads, bool looks)
        => TestApplication.StartAsync(configure: builder =>
        {
            TestApplication.Listen(endpoint =>
            {
                endpoint.Use(reads.Watch);
                endpoint.UseHttps(Certificates.Localhost);
            })(builder);
            builder.UseGate(kestrel => new(kestrel) { LooksForUnread = looks });
        });

    private static async Task<IReadOnlyList<(RawClient Client, HalfStream Wire)>> ConnectAsync(StartedServer server)
    {
        List<(RawClient, HalfStream)> clients = [];
        for (var i = 0; i < Clients; i++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server.Address.Host, server.Address.Port);
            HalfStream wire = new(socket);
#pragma warning disable CA5359 // The tests' certificates are made by the tests.
            SslStream tls = new(wire, leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsClientAsync("localhost");
            var client = RawClient.Over(socket, tls);
            await client.GetAsync("/hello");
            clients.Add((client, wire));
        }

        await server.Transitions.ReachAsync(ConnectionState.Idle, Clients);
        return clients;
    }

    /// <summary>A network that lets half of what is sent through at first.</summary>
    private sealed class HalfStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private ReadOnlyMemory<byte> _rest;

        public bool SendsHalf { get; set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var now = SendsHalf ? buffer.Length / 2 : buffer.Length;
            _rest = buffer[now..].ToArray();
            await base.WriteAsync(buffer[..now], cancellationToken);
        }

        public async Task SendRestAsync()
        {
            try
            {
                await base.WriteAsync(_rest);
            }
            catch (IOException)
            {
                // The connection has gone: the answer will not come.
            }
        }
    }

    /// <summary>Holds TLS between hearing that bytes have come and taking them.</summary>
    private sealed class HeldReads
    {
        private readonly List<Socket> _sockets = [];
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile TaskCompletionSource? _open;
        private int _left;

        public ConnectionDelegate Watch(ConnectionDelegate next) => connection =>
        {
            lock (_sockets)
            {
                _sockets.Add(connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket);
            }

            connection.Transport = new HeldPipe(connection.Transport, this);
            return next(connection);
        };

        /// <summary>Whatever comes from now on is held.</summary>
        /// <returns>Completes when so many are.</returns>
        public Task HoldAsync(int count)
        {
            _left = count;
            _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _held.Task;
        }

        public void Release() => _open?.SetResult();

        /// <summary>Waits until the kernel has nothing left.</summary>
        public async Task AllReadAsync()
        {
            while (_sockets.Any(s => s.Available > 0))
            {
                await Task.Yield();
            }
        }

        private Task PassAsync()
        {
            if (_open is not { } open)
            {
                return Task.CompletedTask;
            }

            if (Interlocked.Decrement(ref _left) == 0)
            {
                _held.SetResult();
            }

            return open.Task;
        }

        private sealed class HeldPipe(IDuplexPipe inner, HeldReads reads) : PipeReader, IDuplexPipe
        {
            public PipeReader Input => this;

            public PipeWriter Output => inner.Output;

            public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
            {
                var result = await inner.Input.ReadAsync(cancellationToken);
                await reads.PassAsync();
                return result;
            }

            public override bool TryRead(out ReadResult result) => inner.Input.TryRead(out result);

            public override void AdvanceTo(SequencePosition consumed) => inner.Input.AdvanceTo(consumed);

            public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
                => inner.Input.AdvanceTo(consumed, examined);

            public override void CancelPendingRead() => inner.Input.CancelPendingRead();

            public override void Complete(Exception? exception = null) => inner.Input.Complete(exception);
        }
    }
}
