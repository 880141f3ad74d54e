using System.Net.Sockets;

namespace ActorServer.Kestrel;

/// <summary>Ends the server's half of a connection once all is with the kernel, and leaves the other one open.</summary>
internal static class HalfClose
{
    /// <summary>Who takes longer does not read. Kestrel's data rates are there for such.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(128);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits until the kernel has all that was written.</summary>
    /// <param name="socket">The connection's socket, where it has one.</param>
    /// <param name="pipe">What was written. Nobody writes any more.</param>
    /// <param name="max">For how long at most, about.</param>
    /// <param name="ended">The peer has ended its half, or the connection is gone.</param>
    /// <returns>
    /// False when the connection is to be closed as always: its transport sends the rest, and waits for it. Null where the kernel does
    /// not tell.
    /// </returns>
    public static async ValueTask<bool?> IsAllTakenAsync(Socket? socket, CountingPipe pipe, TimeSpan max, CancellationToken ended)
    {
        try
        {
            // Nobody says when the transport's own writing has come to the end of the pipe. Mostly it has, and there is no wait.
            // Purposefully no flush: the server may still be in one, and a second beside it loses what is in the pipe.
            var waited = TimeSpan.Zero;
            for (var wait = FirstWait; socket is not null && TcpState.BytesTaken(socket) is { } taken; wait = wait < WaitMax ? wait * 2 : wait)
            {
                if (taken == pipe.BytesSent)
                {
                    return true;
                }

                if (waited + wait > max)
                {
                    return false;
                }

                await Task.Delay(wait, TimeProvider.System, ended);
                waited += wait;
            }

            return null;
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
