using System.Buffers.Binary;
using ActorServer.Kestrel;

namespace ActorServer.EndToEnd.Tests.Goodbyes;

/// <summary>Frames are followed to their ends, however they are cut into pieces (RFC 6455, 5.2).</summary>
[Trait("Conformance", "45")]
public sealed class FrameScannerSpecs
{
    private const int Text = 1;
    private const int Close = 8;

    private static readonly int[] Lengths = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, 65_537, 200_000];

    public static TheoryData<int, bool> Shapes
    {
        get
        {
            TheoryData<int, bool> shapes = [];
            foreach (var length in Lengths)
            {
                shapes.Add(length, false);
                shapes.Add(length, true);
            }

            return shapes;
        }
    }

    [Fact]
    public void Before_the_first_byte_there_is_a_boundary()
    {
        FrameScanner scanner = default;

        scanner.See([]);

        Assert.Equal((true, false), (scanner.IsAtBoundary, scanner.HasSeenClose));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_frame_seen_at_once_ends_at_its_last_byte(int length, bool masked)
    {
        var frame = Frame(Text, length, masked);
        FrameScanner whole = default;
        FrameScanner cut = default;

        whole.See(frame);
        cut.See(frame.AsSpan(..^1));

        Assert.Equal((true, false), (whole.IsAtBoundary, cut.IsAtBoundary));
        Assert.False(whole.HasSeenClose);
        cut.See(frame.AsSpan(^1..));
        Assert.True(cut.IsAtBoundary);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_frame_seen_byte_by_byte_has_one_boundary(int length, bool masked)
    {
        var frame = Frame(Text, length, masked);
        FrameScanner scanner = default;
        var boundaries = 0;

        foreach (var value in frame)
        {
            scanner.See([value]);
            boundaries += scanner.IsAtBoundary ? 1 : 0;
        }

        Assert.Equal((1, true), (boundaries, scanner.IsAtBoundary));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_Close_counts_once_it_is_whole(bool masked)
    {
        for (var length = 0; length <= 125; length++)
        {
            FrameScanner scanner = default;
            var frame = Frame(Close, length, masked);
            foreach (var value in frame.AsSpan(..^1))
            {
                scanner.See([value]);
                Assert.False(scanner.HasSeenClose);
            }

            scanner.See(frame.AsSpan(^1..));

            Assert.True(scanner.HasSeenClose);
        }
    }

    [Fact]
    public void Only_the_opcode_makes_a_Close()
    {
        for (var first = 0; first <= byte.MaxValue; first++)
        {
            FrameScanner scanner = default;

            // A payload that looks like a Close is none.
            scanner.See([(byte)first, 4, 0x88, 0, 0x88, 0x80]);

            Assert.Equal((true, (first & 0x0f) == Close), (scanner.IsAtBoundary, scanner.HasSeenClose));
        }
    }

    [Fact]
    public void A_Close_is_remembered_whatever_follows()
    {
        FrameScanner scanner = default;

        scanner.See([.. Frame(Close, 2, masked: false), .. Frame(Text, 300, masked: false), 0x81]);

        Assert.Equal((false, true), (scanner.IsAtBoundary, scanner.HasSeenClose));
    }

    [Fact]
    public void A_length_longer_than_needed_is_read_as_it_is()
    {
        FrameScanner scanner = default;

        scanner.See([0x82, 126, 0, 3, 1, 2]);
        Assert.False(scanner.IsAtBoundary);
        scanner.See([3]);
        Assert.True(scanner.IsAtBoundary);
        scanner.See([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1]);
        Assert.False(scanner.IsAtBoundary);
        scanner.See([1]);

        Assert.True(scanner.IsAtBoundary);
    }

    [Fact]
    public void A_length_beyond_all_memory_has_no_end()
    {
        FrameScanner scanner = default;

        scanner.See([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        scanner.See(new byte[1_000_000]);

        Assert.False(scanner.IsAtBoundary);
    }

    [Fact]
    public void Any_frames_in_any_pieces()
    {
        for (var seed = 0; seed < 300; seed++)
        {
#pragma warning disable CA5394 // A test's own choices, the same in every run.
            Random random = new(seed);
            List<byte> bytes = [];
            HashSet<int> boundaries = [0];
            var closedAt = int.MaxValue;
            for (var i = 0; i < 30; i++)
            {
                var opcode = random.Next(20) == 0 ? Close : random.Next(0, 3);
                var length = random.Next(3) == 0 ? Lengths[random.Next(Lengths.Length - 5)] : random.Next(300);
                bytes.AddRange(Frame(opcode, length, masked: random.Next(2) == 0));
                boundaries.Add(bytes.Count);
                closedAt = opcode == Close ? Math.Min(closedAt, bytes.Count) : closedAt;
            }

            FrameScanner scanner = default;
            var all = bytes.ToArray();
            for (var at = 0; at < all.Length;)
            {
                var size = Math.Min(random.Next(1, random.Next(2) == 0 ? 4 : 2000), all.Length - at);
                scanner.See(all.AsSpan(at, size));
                at += size;
                Assert.Equal((boundaries.Contains(at), at >= closedAt), (scanner.IsAtBoundary, scanner.HasSeenClose));
            }
#pragma warning restore CA5394
        }
    }

    private static byte[] Frame(int opcode, int length, bool masked)
    {
        List<byte> frame = [(byte)(0x80 | opcode)];
        var mask = masked ? 0x80 : 0;
        if (length < 126)
        {
            frame.Add((byte)(mask | length));
        }
        else if (length <= ushort.MaxValue)
        {
            frame.Add((byte)(mask | 126));
            var extended = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(extended, (ushort)length);
            frame.AddRange(extended);
        }
        else
        {
            frame.Add((byte)(mask | 127));
            var extended = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(extended, length);
            frame.AddRange(extended);
        }

        // The payload is full of bytes that look like the beginnings of frames.
        frame.AddRange(masked ? [0x88, 0x80, 0x88, 0x80] : []);
        frame.AddRange(Enumerable.Range(0, length).Select(static i => i % 2 == 0 ? (byte)0x88 : (byte)0x00));
        return [.. frame];
    }
}
