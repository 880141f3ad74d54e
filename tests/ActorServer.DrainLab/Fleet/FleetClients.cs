using System.Globalization;

namespace ActorServer.DrainLab;

/// <summary>Clients of a fleet: each asks again and again by one connection, and every answer must be the right one.</summary>
internal sealed class FleetClients : IAsyncDisposable
{
    private const int BodyLength = 10_000;
    private const int SamplesMax = 5;
    private static readonly TimeSpan AnswerWaitMax = TimeSpan.FromSeconds(30);

    // The computer is also that of the nodes, the balancer and the operators.
    private static readonly TimeSpan Thought = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _clients;
    private readonly Lock _lock = new();
    private readonly List<string> _samples = [];
    private int _answered;
    private int _lost;

    public FleetClients(Uri balancer, int count)
        => _clients = [.. Enumerable.Range(0, count).Select(i => Task.Run(() => AskAsync(balancer, posts: i % 2 == 0)))];

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Requests without the right answer.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>The first of them, in words.</summary>
    public IReadOnlyList<string> Samples => _samples;

    /// <summary>Completes when there have been so many answers more.</summary>
    public async Task AnsweredAsync(int more, CancellationToken cancellationToken)
    {
        var awaited = Answered + more;
        using PeriodicTimer timer = new(LookInterval, TimeProvider.System);
        while (Answered < awaited)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Each client gets its last answer, and ends.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    private async Task AskAsync(Uri balancer, bool posts)
    {
        using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = 1 };
        using HttpClient client = new(handler) { BaseAddress = balancer, Timeout = AnswerWaitMax };
        var body = new byte[BodyLength];
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var content = new ByteArrayContent(body);
                using var answer = posts ? await client.PostAsync("/upload", content) : await client.GetAsync("/slow?ms=5");
                var text = await answer.Content.ReadAsStringAsync();
                if (!answer.IsSuccessStatusCode || (posts && text.Trim() != BodyLength.ToString(CultureInfo.InvariantCulture)))
                {
                    Lose($"{(posts ? "POST" : "GET")}: {(int)answer.StatusCode} {text}");
                }

                Interlocked.Increment(ref _answered);
                await Task.Delay(Thought, TimeProvider.System, CancellationToken.None);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                Lose($"{(posts ? "POST" : "GET")}: {exception.Message}");
            }
        }
    }

    private void Lose(string what)
    {
        lock (_lock)
        {
            _lost++;
            if (_samples.Count < SamplesMax)
            {
                _samples.Add(what);
            }
        }
    }
}
