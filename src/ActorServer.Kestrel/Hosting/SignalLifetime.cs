using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>
/// The host's lifetime, as the console's is, but a signal drains first and stops the host afterwards: until the drain is over
/// nothing in the application is told that it stops.
/// </summary>
internal sealed class SignalLifetime(
    HostDrain drain,
    IHostApplicationLifetime application,
    IHostEnvironment environment,
    IOptions<ConsoleLifetimeOptions> options,
    ILoggerFactory loggers,
    Log log) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly ILogger _hostLog = loggers.CreateLogger("Microsoft.Hosting.Lifetime");
    private int _signalled;
    private Task _drain = Task.CompletedTask;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        if (!options.Value.SuppressStatusMessages)
        {
            application.ApplicationStarted.Register(SayStarted);
            application.ApplicationStopping.Register(() => HostLog.Stopping(_hostLog));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _drain.WaitAsync(cancellationToken);

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _signals.Clear();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The runtime's own answer would be to end the process at once.
        context.Cancel = true;
        var again = Interlocked.Increment(ref _signalled) > 1;
        if (!application.ApplicationStarted.IsCancellationRequested)
        {
            // Nothing has been served yet: there is nothing to drain.
            application.StopApplication();
            return;
        }

        var signal = context.Signal.ToString();
        _drain = Task.Run(() => DrainAsync(signal, again));
    }

    private async Task DrainAsync(string signal, bool again)
    {
        if (again)
        {
            log.SignalledAgain(signal);
        }
        else
        {
            log.Signalled(signal);
        }

        try
        {
            await drain.SignalAsync(signal, again);
        }
        finally
        {
            application.StopApplication();
        }
    }

    private void SayStarted()
    {
        HostLog.Started(_hostLog);
        HostLog.EnvironmentName(_hostLog, environment.EnvironmentName);
        HostLog.ContentRoot(_hostLog, environment.ContentRootPath);
    }
}
