using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.EndToEnd.Tests.Steering;

/// <summary>Clients that ask, and ask again, on the same connection for a while, and that come back when nobody is there.</summary>
/// <remarks>Each on a thread of its own, which blocks: nothing is faster.</remarks>
internal sealed class ReturningClients : IDisposable
{
    private static readonly byte[] Request = Encoding.ASCII.GetBytes(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<Task> _clients = [];
    private readonly List<string> _losses = [];
    private readonly CancellationTokenSource _end = new();
    private (int Count, TaskCompletionSource Reached) _goal;
    private int _answered;

    private ReturningClients(int count) => _goal = (count, NewSource());

    /// <summary>Starts them; returns when they have had their first answers.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="count">How many.</param>
    /// <param name="requests">How many requests each makes on a connection.</param>
    public static async Task<ReturningClients> StartAsync(EndPoint server, int count, int requests)
    {
        ReturningClients clients = new(10 * count);
        for (var i = 0; i < count; i++)
        {
            clients._clients.Add(Task.Factory.StartNew(
                () => clients.Loop(server, requests), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        await clients._goal.Reached.Task.WaitAsync(WaitMax);
        return clients;
    }

    /// <summary>Waits until they have had more answers, all of them together.</summary>
    public Task AnsweredAsync(int more)
    {
        lock (_lock)
        {
            _goal = (_answered + more, NewSource());
            return _goal.Reached.Task.WaitAsync(WaitMax);
        }
    }

    /// <summary>Ends them.</summary>
    /// <returns>What became of requests that were not answered.</returns>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients).WaitAsync(WaitMax);
        return _losses;
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Loop(EndPoint server, int requests)
    {
        var end = _end.Token;
        while (!end.IsCancellationRequested)
        {
            using Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.ReceiveTimeout = (int)WaitMax.TotalMilliseconds;
            try
            {
                socket.Connect(server);
            }
            catch (SocketException)
            {
                // Nobody is there. Others have work to do meanwhile.
                Thread.Yield();
                continue;
            }

            Ask(socket, requests, end);
        }
    }

    private void Ask(Socket socket, int requests, CancellationToken end)
    {
        var answer = new byte[1024];
        for (var i = 1; i <= requests && !end.IsCancellationRequested; i++)
        {
            try
            {
                socket.Send(Request);
                // The answer is one segment.
                var length = socket.Receive(answer);
                var text = Encoding.ASCII.GetString(answer, 0, length);
                if (!text.EndsWith("hello", StringComparison.Ordinal))
                {
                    Lost($"request {i}: {(length == 0 ? "closed" : text)}");
                    return;
                }

                Answered();
                if (text.Contains("Connection: close", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (SocketException exception)
            {
                Lost($"request {i}: {exception.SocketErrorCode}");
                return;
            }
        }
    }

    private void Answered()
    {
        lock (_lock)
        {
            if (++_answered >= _goal.Count)
            {
                _goal.Reached.TrySetResult();
            }
        }
    }

    private void Lost(string how)
    {
        lock (_lock)
        {
            _losses.Add(how);
        }
    }
}
