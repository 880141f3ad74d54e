using System.Diagnostics;

namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>The lines that a process writes, as they come.</summary>
internal sealed class ProcessOutput
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<string> _errors = [];
    private readonly List<(Predicate<string> IsIt, TaskCompletionSource<string> Waiter)> _waiters = [];
    private bool _ended;

    public ProcessOutput(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_lock)
            {
                _errors.AddRange(line.Data is { } text ? [text] : []);
            }
        };
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public string Errors
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Waits for a line, or finds it among those that have come.</summary>
    /// <exception cref="EndOfStreamException">The process ended without it.</exception>
    public async Task<string> LineAsync(string part)
    {
        bool IsIt(string line) => line.Contains(part, StringComparison.Ordinal);
        TaskCompletionSource<string> waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_lines.Find(IsIt) is { } found)
            {
                return found;
            }

            if (_ended)
            {
                throw Ended();
            }

            _waiters.Add((IsIt, waiter));
        }

        try
        {
            return await waiter.Task.WaitAsync(RunningHost.WaitMax);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"No line with \"{part}\" among:\n{string.Join('\n', Lines)}\n{Errors}", exception);
        }
    }

    private void Add(string? line)
    {
        lock (_lock)
        {
            if (line is null)
            {
                _ended = true;
                _waiters.ForEach(w => w.Waiter.TrySetException(Ended()));
                return;
            }

            _lines.Add(line);
            foreach (var waiter in _waiters.FindAll(w => w.IsIt(line)))
            {
                _waiters.Remove(waiter);
                waiter.Waiter.TrySetResult(line);
            }
        }
    }

    private EndOfStreamException Ended() => new($"The process ended:\n{string.Join('\n', _lines)}\n{Errors}");
}
