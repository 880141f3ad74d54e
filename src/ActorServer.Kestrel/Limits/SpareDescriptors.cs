using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace ActorServer.Kestrel;

/// <summary>File descriptors kept back, so that a process whose sockets have taken all others has some left.</summary>
/// <remarks>
/// The runtime needs them to live, not only to accept: where it can open none, it cannot start a thread, and ends the process with
/// "Out of memory". Given when a connection gets one of the last descriptors beside them, or an accept fails; no port accepts until
/// they can be taken back, with some more beside.
/// </remarks>
internal sealed class SpareDescriptors : IDisposable
{
    private const string Anything = "/dev/null";

    private readonly Func<int?> _free;
    private readonly int _count;
    private readonly Lock _lock = new();
    private readonly List<SafeFileHandle> _held = [];
    private volatile bool _given;
    private int _lastFrom;

    /// <summary>Keeps what it can get: a process that may have very few files does without.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="free">Tells how many the process may still open; null: who knows.</param>
    public SpareDescriptors(int max = 32, Func<int?>? free = null)
    {
        _free = free ?? DescriptorTable.Free;
        // Windows knows no such number.
        _count = OperatingSystem.IsWindows() ? 0 : max;
        _ = TryOpen();
        _count = _held.Count;
        FindLast();
    }

    /// <summary>The process has them: it needs them more.</summary>
    public bool AreGiven => _given;

    /// <summary>Half of them are left.</summary>
    public bool HasSome => _free() > _count / 2;

    /// <summary>Why no file can be opened; null when one can.</summary>
    public static string? Problem()
    {
        try
        {
            using var _ = File.OpenHandle(Anything);
            return null;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>A connection has been accepted: before the last descriptor is gone, and not after, the process is given some.</summary>
    /// <param name="socket">Its socket. A new one has the lowest number that is free, so the number tells how many are left.</param>
    public void Accepted(Socket? socket)
    {
        if (socket is not null && !_given && socket.SafeHandle.DangerousGetHandle() >= _lastFrom)
        {
            Give();
        }
    }

    /// <summary>Lets the process have them. Harmless when repeated.</summary>
    public void Give()
    {
        lock (_lock)
        {
            _given = true;
            Close();
        }
    }

    /// <summary>Takes them back, if there are some more beside: for the connections to be accepted.</summary>
    public bool TryTakeBack()
    {
        lock (_lock)
        {
            // Counted where that can be, not tried: while it is tried there would be none left for anybody.
            if (_given && !(_free() < _count + (_count / 4)))
            {
                _given = !TryOpen() || Problem() is not null;
                if (_given)
                {
                    Close();
                }
            }

            // The limit may have been changed meanwhile.
            FindLast();
            return !_given;
        }
    }

    public void Dispose() => Give();

    // Fewer than what must be free beside them when they are taken back: who gives them does not take them back at once.
    private void FindLast() => _lastFrom = _count > 0 && DescriptorTable.Limit() is { } limit ? limit - (_count / 4) : int.MaxValue;

    private bool TryOpen()
    {
        try
        {
            while (_held.Count < _count)
            {
                _held.Add(File.OpenHandle(Anything));
            }

            return true;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            return false;
        }
    }

    private static bool IsRefusal(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private void Close()
    {
        _held.ForEach(static handle => handle.Dispose());
        _held.Clear();
    }
}
