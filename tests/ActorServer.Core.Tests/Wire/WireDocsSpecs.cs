using System.Text;
using System.Text.Json;
using ActorServer.Core.Tests.House;
using ActorServer.Core.Wire;

namespace ActorServer.Core.Tests.Wire;

public sealed class WireDocsSpecs
{
    private const string Page = "docs/wire-protocol.md";

    [Fact]
    public void The_messages_are_those_of_the_codec()
    {
        var rows = WireCodec.Manifests.Select(manifest =>
        {
            var message = WireExamples.Of(manifest);
            using var json = JsonDocument.Parse(WireCodec.Encode(message));
            var fields = string.Join(", ", json.RootElement.EnumerateObject().Select(f => $"`{f.Name}`"));
            return $"| `{manifest}` | {(message is IWireRequest ? "tooling" : "node")} | {fields} |";
        });
        var expected = string.Join('\n', ["| manifest | from | fields |", "|---|---|---|", .. rows]);

        Assert.True(Repository.Between(Page, "messages") == expected, $"{Page} has drifted. Paste this between its markers:\n\n{expected}\n");
    }

    [Fact]
    public void The_example_is_a_golden_file()
        => Assert.Contains(
            $"drain/1\n{Encoding.UTF8.GetString(WireCodec.Encode(WireExamples.Of("drain/1")))}\n", Repository.Read(Page), StringComparison.Ordinal);
}
