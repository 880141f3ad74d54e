using System.Text;

namespace ActorServer.Cli.Tests.Support;

/// <summary>A writer that says when something has been written to it.</summary>
internal sealed class Lines : TextWriter
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_lock)
        {
            _text.Append(value);
            _more.SetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    public async Task HasAsync(string text)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_text.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                more = _more.Task;
            }

            await more;
        }
    }
}
