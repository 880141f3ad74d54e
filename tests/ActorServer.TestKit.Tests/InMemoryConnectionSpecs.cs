using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorServer.Kestrel;
using Microsoft.AspNetCore.Connections;

namespace ActorServer.TestKit.Tests;

/// <summary>The transport in memory by itself: what both ends of a connection see.</summary>
public sealed class InMemoryConnectionSpecs
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    private readonly InMemoryTransport _transport = new();

    [Fact]
    public async Task Bytes_flow_both_ways_in_order()
    {
        var (client, server) = await ConnectAsync();

        await client.WriteAsync("ab"u8.ToArray());
        await client.WriteAsync("cd"u8.ToArray());
        await server.Transport.Output.WriteAsync("efg"u8.ToArray());

        var read = await server.Transport.Input.ReadAtLeastAsync(4);
        Assert.Equal("abcd", Encoding.ASCII.GetString(read.Buffer));
        var buffer = new byte[2];
        Assert.Equal(2, await client.ReadAsync(buffer));
        Assert.Equal("ef", Encoding.ASCII.GetString(buffer));
        Assert.Equal(1, await client.ReadAsync(buffer));
    }

    [Fact]
    public async Task A_read_into_nothing_waits_for_bytes_and_takes_none()
    {
        var (client, server) = await ConnectAsync();
        var waiting = client.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(waiting.IsCompleted);

        await server.Transport.Output.WriteAsync("x"u8.ToArray());

        Assert.Equal(0, await waiting.WaitAsync(WaitMax));
        Assert.Equal(1, await client.ReadAsync(new byte[8]));
    }

    [Fact]
    public async Task Nobody_connects_where_nobody_listens()
    {
        var exception = await Assert.ThrowsAsync<SocketException>(() => _transport.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 1)).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Fact]
    public async Task A_place_is_taken_once_and_free_again_when_it_is_unbound()
    {
        var listener = await _transport.BindAsync(AnyPort);
        await Assert.ThrowsAsync<AddressInUseException>(() => _transport.BindAsync(listener.EndPoint).AsTask());

        await listener.UnbindAsync();

        Assert.Empty(_transport.Bound);
        var second = await _transport.BindAsync(listener.EndPoint);
        Assert.Equal([listener.EndPoint], _transport.Bound);
        // The first one's end takes nothing from its successor.
        await listener.DisposeAsync();
        await (await _transport.ConnectAsync(second.EndPoint)).DisposeAsync();
    }

    [Fact]
    public async Task Whoever_is_in_the_backlog_is_accepted_after_the_unbinding_too()
    {
        var listener = await _transport.BindAsync(AnyPort);
        await using var client = await _transport.ConnectAsync(listener.EndPoint);

        await listener.UnbindAsync();

        Assert.Equal(client.LocalEndPoint, (await listener.AcceptAsync())!.RemoteEndPoint);
        Assert.Null(await listener.AcceptAsync());
    }

    [Fact]
    public async Task Whoever_finds_the_backlog_full_waits_and_is_refused_when_it_is_unbound()
    {
        var listener = await _transport.BindAsync(AnyPort);
        for (var i = 0; i < InMemoryTransport.Backlog; i++)
        {
            await _transport.ConnectAsync(listener.EndPoint);
        }

        var late = _transport.ConnectAsync(listener.EndPoint).AsTask();
        Assert.False(late.IsCompleted);
        await listener.UnbindAsync();

        await Assert.ThrowsAsync<SocketException>(() => late.WaitAsync(WaitMax));
    }

    [Fact]
    public async Task A_client_that_closes_has_ended_for_the_server_after_its_bytes()
    {
        var (client, server) = await ConnectAsync();
        await client.WriteAsync("x"u8.ToArray());

        await client.DisposeAsync();

        await EndedAsync(server);
        var read = await server.Transport.Input.ReadAtLeastAsync(2);
        Assert.True(read.IsCompleted);
        Assert.Equal(1, read.Buffer.Length);
        server.Transport.Input.AdvanceTo(read.Buffer.End);
        Assert.True((await server.Transport.Output.WriteAsync("y"u8.ToArray())).IsCompleted);
    }

    [Fact]
    public async Task A_client_that_ends_its_half_is_still_answered()
    {
        var (client, server) = await ConnectAsync();

        client.ShutdownSend();

        Assert.True((await server.Transport.Input.ReadAsync()).IsCompleted);
        await server.Transport.Output.WriteAsync("y"u8.ToArray());
        Assert.Equal(1, await client.ReadAsync(new byte[8]));
        await Assert.ThrowsAsync<IOException>(() => client.WriteAsync("x"u8.ToArray()).AsTask());
    }

    [Fact]
    public async Task A_client_that_resets_breaks_the_servers_reading()
    {
        var (client, server) = await ConnectAsync();
        var reading = server.Transport.Input.ReadAsync().AsTask();

        client.Reset();

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading.WaitAsync(WaitMax));
        await EndedAsync(server);
        await Assert.ThrowsAsync<IOException>(() => client.ReadAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task A_server_that_closes_has_ended_for_the_client_after_its_bytes()
    {
        var (client, server) = await ConnectAsync();
        await server.Transport.Output.WriteAsync("y"u8.ToArray());

        await server.DisposeAsync();

        Assert.Equal(1, await client.ReadAsync(new byte[8]));
        Assert.Equal(0, await client.ReadAsync(new byte[8]));
        // Lost, as over TCP: the next read says so.
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal(0, await client.ReadAsync(new byte[8]));
    }

    [Fact]
    public async Task A_server_that_aborts_breaks_the_clients_reading_and_writing()
    {
        var (client, server) = await ConnectAsync();
        var reading = client.ReadAsync(new byte[8]).AsTask();

        server.Abort(new ConnectionAbortedException("Enough."));

        await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(WaitMax));
        await Assert.ThrowsAsync<IOException>(() => client.WriteAsync("x"u8.ToArray()).AsTask());
        var exception = await Assert.ThrowsAsync<ConnectionAbortedException>(() => server.Transport.Input.ReadAsync().AsTask());
        Assert.Equal("Enough.", exception.Message);
        await EndedAsync(server);
        // Whatever waits for a client that reads no more is let go.
        Assert.True((await server.Transport.Output.WriteAsync(new byte[100_000])).IsCompleted);
    }

    [Fact]
    public async Task A_client_that_reads_slowly_holds_its_server_back()
    {
        var (client, server) = await ConnectAsync();

        var writing = server.Transport.Output.WriteAsync(new byte[100_000]).AsTask();

        Assert.False(writing.IsCompleted);
        await client.ReadExactlyAsync(new byte[100_000]);
        Assert.False((await writing.WaitAsync(WaitMax)).IsCompleted);
    }

    [Fact]
    public async Task The_server_can_tell_whether_bytes_are_waiting()
    {
        var (client, server) = await ConnectAsync();
        var sight = server.Features.Get<IUnreadInputFeature>()!;
        Assert.False(sight.HasUnread);

        await client.WriteAsync("abc"u8.ToArray());
        Assert.True(sight.HasUnread);
        var read = await server.Transport.Input.ReadAsync();
        Assert.False(sight.HasUnread);
        server.Transport.Input.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);
        Assert.False(sight.HasUnread);
        var reading = server.Transport.Input.ReadAsync().AsTask();
        await client.WriteAsync("d"u8.ToArray());
        Assert.Equal(3, (await reading.WaitAsync(WaitMax)).Buffer.Length);
        Assert.False(sight.HasUnread);

        Assert.False(sight.HasEnded);
        client.ShutdownSend();
        Assert.True(sight.HasEnded);
    }

    private static Task EndedAsync(ConnectionContext server)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.ConnectionClosed.Register(ended.SetResult);
        return ended.Task.WaitAsync(WaitMax);
    }

    private async Task<(InMemoryConnection Client, ConnectionContext Server)> ConnectAsync()
    {
        var listener = await _transport.BindAsync(AnyPort);
        var client = await _transport.ConnectAsync(listener.EndPoint);
        return (client, (await listener.AcceptAsync())!);
    }
}
