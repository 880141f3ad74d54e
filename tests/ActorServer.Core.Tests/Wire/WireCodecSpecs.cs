using System.Text;
using ActorServer.Core.Tests.House;
using ActorServer.Core.Wire;

namespace ActorServer.Core.Tests.Wire;

public sealed class WireCodecSpecs
{
    private const string Folder = "tests/ActorServer.Core.Tests/Wire/Golden";

    public static TheoryData<string> Manifests => [.. WireCodec.Manifests];

    public static TheoryData<string> Files
        => [.. Directory.GetFiles(Path.Combine(Repository.Root, Folder)).Select(Path.GetFileNameWithoutExtension).OfType<string>()];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_messages_bytes_are_those_of_its_golden_file(string manifest)
    {
        var bytes = Encoding.UTF8.GetString(WireCodec.Encode(WireExamples.Of(manifest)));

        Assert.Equal(Golden(manifest), bytes);
    }

    // Every version that has ever been written stays readable: golden files are added, never changed.
    [Theory]
    [MemberData(nameof(Files))]
    public void A_golden_file_reads_as_what_was_written(string file)
    {
        var manifest = file[..file.LastIndexOf('-')] + "/" + file[(file.LastIndexOf('-') + 1)..];

        var message = WireCodec.Decode(manifest, Encoding.UTF8.GetBytes(Golden(manifest)));

        Assert.IsType(WireExamples.Of(manifest).GetType(), message);
        Assert.Equal(WireCodec.Encode(WireExamples.Of(manifest)), WireCodec.Encode(message));
    }

    [Fact]
    public void Every_message_of_the_protocol_travels()
    {
        var messages = typeof(IWireMessage).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(IWireMessage)) && t != typeof(Unreadable));

        Assert.Equal(messages.Select(t => t.Name).Order(), WireCodec.Types.Select(t => t.Name).Order());
        Assert.All(WireCodec.Types, t => Assert.True(t.IsSealed));
        Assert.Equal(WireCodec.Manifests.Count, WireCodec.Manifests.Distinct().Count());
    }

    [Theory]
    [InlineData("drain/1", "{}")]
    [InlineData("get-status/1", "{}")]
    [InlineData("list-connections/1", """{"limit":5}""")]
    [InlineData("close-connection/1", """{"id":"a"}""")]
    public void What_is_optional_may_be_left_out(string manifest, string json)
        => Assert.Equal(manifest, WireCodec.ManifestOf(Decode(manifest, json)));

    [Fact]
    public void What_a_later_version_adds_is_ignored()
    {
        var message = Decode("drain/1", """{"node":"web-1","canary":{"share":[1,2]},"reason":"r"}""");

        Assert.Equal(new Core.Wire.Drain("web-1", Reason: "r"), message);
    }

    [Fact]
    public void A_name_that_a_later_version_adds_leaves_the_rest_readable()
    {
        var gone = Assert.IsType<Gone>(Decode("gone/1", """{"node":"web-1","id":"a","endReason":"Teleported"}"""));

        Assert.Equal((EndReason)(-1), gone.EndReason);
        Assert.Contains("\"Unknown\"", Encoding.UTF8.GetString(WireCodec.Encode(gone)), StringComparison.Ordinal);
    }

    // It goes to logs.
    [Fact]
    public void A_manifest_ends_no_line()
        => Assert.Equal("x\uFFFDwarn: y", Assert.IsType<Unreadable>(Decode("x\nwarn: y", "{}")).Manifest);

    [Theory]
    [InlineData("drain/2", "{}")]
    [InlineData("fleet-drain/1", "{}")]
    [InlineData("", "")]
    [InlineData("drain/1", "")]
    [InlineData("drain/1", "null")]
    [InlineData("drain/1", "[]")]
    [InlineData("drain/1", "{")]
    [InlineData("drain/1", "{} {}")]
    [InlineData("drain/1", """{"budget":22}""")]
    [InlineData("drain/1", """{"budget":"-5s"}""")]
    [InlineData("drain/1", """{"reason":"a","reason":"b"}""")]
    [InlineData("drain/1", """{"reason":"\ud800"}""")]
    [InlineData("close-connection/1", "{}")]
    [InlineData("close-connection/1", """{"id":null}""")]
    [InlineData("list-connections/1", """{"limit":1e99}""")]
    [InlineData("status/1", """{"node":"web-1","status":null}""")]
    public void What_cannot_be_read_says_so(string manifest, string json)
    {
        var unreadable = Assert.IsType<Unreadable>(Decode(manifest, json));

        Assert.Equal(manifest, unreadable.Manifest);
        Assert.NotEmpty(unreadable.Problem);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Bytes_that_were_cut_or_turned_are_read_or_refused_and_never_throw(string manifest)
    {
        var bytes = WireCodec.Encode(WireExamples.Of(manifest));
        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.NotNull(WireCodec.Decode(manifest, bytes.AsSpan(0, i)));
            foreach (var turned in (byte[])[0, (byte)'"', (byte)'{', 0x80, 0xFF])
            {
                byte[] wrong = [.. bytes];
                wrong[i] = turned;
                Assert.NotNull(WireCodec.Decode(manifest, wrong));
            }
        }
    }

    [Fact]
    public void Nothing_else_travels()
    {
        Assert.Throws<ArgumentException>(() => WireCodec.Encode("drain"));
        Assert.Throws<ArgumentException>(() => WireCodec.ManifestOf(new Unreadable("drain/1", "")));
    }

    private static IWireMessage Decode(string manifest, string json) => WireCodec.Decode(manifest, Encoding.UTF8.GetBytes(json));

    private static string Golden(string manifest) => Repository.Read($"{Folder}/{manifest.Replace('/', '-')}.json").TrimEnd('\n');
}
