using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>Ends the server's half of a connection, and leaves the other one open.</summary>
internal static class HalfClose
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(64);

    /// <summary>Waits until the kernel has all that was written.</summary>
    /// <param name="socket">The connection's socket.</param>
    /// <param name="pipe">What was written. Nobody writes any more.</param>
    /// <param name="ended">The peer has ended its half, or the connection is gone.</param>
    /// <returns>False when the connection is to be closed as always: its transport sends the rest, and waits for it.</returns>
    public static async ValueTask<bool> IsAllTakenAsync(Socket socket, CountingPipe pipe, CancellationToken ended)
    {
        try
        {
            // Nobody says when the transport's own writing has come to the end of the pipe. Mostly it has, and there is no wait.
            // Purposefully no flush: the server may still be in one, and a second beside it loses what is in the pipe.
            for (var wait = FirstWait; TcpState.BytesTaken(socket) is { } taken; wait *= 2)
            {
                if (taken == pipe.BytesSent)
                {
                    return true;
                }

                if (wait > WaitMax)
                {
                    // A peer that does not read. Kestrel's data rates are there for such.
                    return false;
                }

                await Task.Delay(wait, TimeProvider.System, ended);
            }

            return false;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return false;
        }
    }

    /// <summary>Sends FIN behind what was written.</summary>
    /// <returns>False when the connection is gone already.</returns>
    public static bool Try(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return false;
        }
    }

    private static bool IsGone(Exception exception)
        => exception is SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
