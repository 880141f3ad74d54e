using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace ActorServer.DrainLab;

/// <summary>What a server's process says: where it listens, when it has started, and its last words.</summary>
internal sealed partial class ServerOutput
{
    private const int LinesMax = 200;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = [];
    private readonly List<Uri> _addresses = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Uri? _admin;

    /// <summary>Completes when the server serves, and also when it ends before.</summary>
    public Task Started => _started.Task;

    public void Follow(Process process)
    {
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public Site Site()
    {
        lock (_lock)
        {
            // The admin side says its address twice: as a Kestrel, and as itself.
            var own = _addresses.Where(a => a != _admin).ToList();
            var plain = own.Where(a => a.Scheme == Uri.UriSchemeHttp).ToList();
            // Endpoints are bound in the order of their names: Plain, Secure, Two.
            return own.Count == 3 && plain.Count == 2
                ? new(End(plain[0]), End(own.Single(a => a.Scheme == Uri.UriSchemeHttps)), End(plain[1]), _admin)
                : throw new InvalidOperationException($"The server does not listen:\n{this}");
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join('\n', _lines);
        }
    }

    private static IPEndPoint End(Uri address) => new(IPAddress.Loopback, address.Port);

    private void Hear(string? line)
    {
        lock (_lock)
        {
            if (line is not null)
            {
                _lines.Enqueue(line);
                if (_lines.Count > LinesMax)
                {
                    _lines.Dequeue();
                }

                if (Listening().Match(line) is { Success: true } match)
                {
                    Uri address = new(match.Groups["address"].Value);
                    _admin = line.Contains("Admin side", StringComparison.Ordinal) ? address : _admin;
                    _addresses.Add(address);
                }
            }

            if (line is null || line.Contains("Application started.", StringComparison.Ordinal))
            {
                _started.TrySetResult();
            }
        }
    }

    [GeneratedRegex(@"listening on: (?<address>\S+)")]
    private static partial Regex Listening();
}
