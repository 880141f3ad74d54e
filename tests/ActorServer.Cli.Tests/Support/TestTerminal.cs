using System.Globalization;

namespace ActorServer.Cli.Tests.Support;

/// <summary>What a person sees of what a program writes to a terminal of some width: as much of it as this program writes.</summary>
internal sealed class TestTerminal(int columns)
{
    private readonly List<char[]> _rows = [];
    private int _row;
    private int _column;
    private string? _sequence;

    /// <summary>What stands on the screen, without blanks at the ends of lines.</summary>
    public IReadOnlyList<string> Screen => [.. _rows.Select(static r => new string(r).TrimEnd()).Reverse().SkipWhile(static r => r.Length == 0).Reverse()];

    /// <summary>Something is drawn that moves.</summary>
    public bool IsCursorHidden { get; private set; }

    /// <summary>How often a line that is drawn did not fit.</summary>
    public int Wraps { get; private set; }

    /// <summary>How often it was gone back to what was drawn before.</summary>
    public int Redraws { get; private set; }

    public void Write(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            Write(c);
        }
    }

    private void Write(char c)
    {
        if (_sequence is not null)
        {
            _sequence += c;
            if (char.IsAsciiLetter(c) || c is '=' or '>')
            {
                Do(_sequence);
                _sequence = null;
            }

            return;
        }

        switch (c)
        {
            case '\e':
                _sequence = "";
                break;
            case '\r':
                _column = 0;
                break;
            case '\n':
                _row++;
                break;
            default:
                Assert.False(char.IsControl(c), $"What does {(int)c} do?");
                Put(c);
                break;
        }
    }

    private void Put(char c)
    {
        if (_column == columns)
        {
            Wraps += IsCursorHidden ? 1 : 0;
            (_row, _column) = (_row + 1, 0);
        }

        Row()[_column++] = c;
    }

    private void Do(string sequence)
    {
        _ = int.TryParse(sequence.Trim('[', sequence[^1]), NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        switch (sequence[^1])
        {
            case 'A':
                Redraws++;
                _row = Math.Max(0, _row - Math.Max(1, count));
                break;
            case 'K' when count == 2:
                Array.Fill(Row(), ' ');
                break;
            case 'm' or '=' or '>':
                // Colours, and what keys send.
                break;
            case 'l' or 'h' when sequence[..^1] == "[?25":
                IsCursorHidden = sequence[^1] == 'l';
                break;
            case 'h' when sequence == "[?1h":
                // What keys send.
                break;
            default:
                Assert.Fail($"What does {sequence} do?");
                break;
        }
    }

    private char[] Row()
    {
        while (_rows.Count <= _row)
        {
            _rows.Add([.. Enumerable.Repeat(' ', columns)]);
        }

        return _rows[_row];
    }
}
