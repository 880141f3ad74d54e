using System.Net;
using System.Net.Sockets;

namespace ActorServer.DrainLab;

/// <summary>A client of one node that asks again and again, ten times a second, by one connection: it has no second.</summary>
internal sealed class SteadyClient : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerWaitMax = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _asking;
    private readonly IPEndPoint _node;
    private int _answered;
    private bool _hasConnected;

    public SteadyClient(IPEndPoint node)
    {
        _node = node;
        _asking = Task.Run(AskAsync);
    }

    /// <summary>Completes when there have been so many answers more; fails when its connection has ended, or gives none.</summary>
    public async Task AnsweredAsync(int more, CancellationToken cancellationToken)
    {
        var awaited = Volatile.Read(ref _answered) + more;
        using PeriodicTimer timer = new(Interval, TimeProvider.System);
        while (Volatile.Read(ref _answered) < awaited)
        {
            if (_asking.IsCompleted)
            {
                await _asking;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await ((Task)_asking.ContinueWith(static _ => { }, TaskScheduler.Default));
        _end.Dispose();
    }

    private async Task AskAsync()
    {
        using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = 1, UseProxy = false, ConnectCallback = ConnectAsync };
        using HttpClient client = new(handler) { BaseAddress = new($"http://{_node}"), Timeout = AnswerWaitMax };
        using PeriodicTimer timer = new(Interval, TimeProvider.System);
        while (!_end.IsCancellationRequested)
        {
            if (await client.GetStringAsync("/hello", CancellationToken.None) is var answer && !answer.StartsWith("hello", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{_node} answered {answer}");
            }

            Interlocked.Increment(ref _answered);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (_hasConnected)
        {
            throw new InvalidOperationException($"The connection to {_node} has ended.");
        }

        _hasConnected = true;
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_node, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
