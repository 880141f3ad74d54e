using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorServer.EndToEnd.Tests.Races;

/// <summary>Clients that connect, ask, and come again with a new connection as soon as they are answered, until nobody is there.</summary>
/// <remarks>Each on a thread of its own, which blocks: nothing is faster.</remarks>
internal sealed class LoopingClients
{
    // How many answers all of them together must have had before the test goes on: they are at work.
    private const int WarmAnswers = 100;

    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _clients = [];
    private int _answered;
    private int _lost;

    public static async Task<LoopingClients> StartAsync(EndPoint server, int count)
    {
        LoopingClients clients = new();
        for (var i = 0; i < count; i++)
        {
            clients._clients.Add(Task.Factory.StartNew(
                () => clients.Loop(server), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        await clients._warm.Task.WaitAsync(WaitMax);
        return clients;
    }

    /// <summary>Waits until nobody takes their connections any more.</summary>
    /// <returns>How many requests were not answered.</returns>
    public async Task<int> CountLostAsync()
    {
        await Task.WhenAll(_clients).WaitAsync(WaitMax);
        return _lost;
    }

    private void Loop(EndPoint server)
    {
        while (true)
        {
            using Socket socket = new(
                server.AddressFamily, SocketType.Stream, server is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
            try
            {
                socket.Connect(server);
            }
            catch (SocketException)
            {
                return;
            }

            if (!IsAnswered(socket))
            {
                Interlocked.Increment(ref _lost);
            }
            else if (Interlocked.Increment(ref _answered) == WarmAnswers)
            {
                _warm.TrySetResult();
            }
        }
    }

    private static bool IsAnswered(Socket socket)
    {
        try
        {
            socket.ReceiveTimeout = (int)WaitMax.TotalMilliseconds;
            socket.Send(Request);
            // The answer is one segment.
            return socket.Receive(new byte[1024]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
