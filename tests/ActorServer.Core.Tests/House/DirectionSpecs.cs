using System.Xml.Linq;
using ActorServer.Core;

namespace ActorServer.Core.Tests.House;

/// <summary>Rooms know each other in one direction only.</summary>
public sealed class DirectionSpecs
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["ActorServer.Core"] = [],
        ["ActorServer.Actors"] = ["ActorServer.Core"],
        ["ActorServer.Kestrel"] = ["ActorServer.Actors"],
        ["ActorServer.Admin"] = ["ActorServer.Kestrel"],
        ["ActorServer.Cluster"] = ["ActorServer.Actors"],
        ["ActorServer.Cli"] = ["ActorServer.Cluster"],
        ["ActorServer.Host"] = ["ActorServer.Admin", "ActorServer.Cluster"],
        ["ActorServer.TestKit"] = ["ActorServer.Kestrel"],
    };

    public static TheoryData<string> Rooms => [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName)
        .OfType<string>().Where(name => name.StartsWith("ActorServer.", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_what_it_may_know(string room)
    {
        Assert.True(Allowed.TryGetValue(room, out var allowed), $"{room} is a new room: say here what it may know.");

        Assert.Equal(allowed.Order(), References(room, "ProjectReference").Select(Path.GetFileNameWithoutExtension).Order());
    }

    [Fact]
    public void Core_knows_nothing_but_the_language()
    {
        Assert.Empty(References("ActorServer.Core", "PackageReference"));
        Assert.Empty(References("ActorServer.Core", "FrameworkReference"));
        Assert.All(
            Directory.GetFiles(Path.Combine(Repository.Root, "src", "ActorServer.Core"), "*.cs", SearchOption.AllDirectories),
            file => Assert.DoesNotMatch(
                @"(?m)^(?!\s*//).*\b(Akka|AspNetCore|ILogger|Task|ValueTask|async|Thread|Timer|TimeProvider|Stopwatch)\b",
                File.ReadAllText(file)));
    }

    [Fact]
    public void Core_is_built_on_the_runtime_alone()
        => Assert.All(
            typeof(Connection).Assembly.GetReferencedAssemblies(),
            a => Assert.StartsWith("System.", a.Name, StringComparison.Ordinal));

    [Fact]
    public void Actors_know_no_web_server()
        => Assert.Empty(
            References("ActorServer.Actors", "FrameworkReference").Concat(References("ActorServer.Cluster", "FrameworkReference"))
                .Concat(References("ActorServer.Cli", "FrameworkReference")));

    [Fact]
    public void Actors_know_no_cluster()
        => Assert.DoesNotContain(References("ActorServer.Actors", "PackageReference"), p => p.Contains("Cluster", StringComparison.Ordinal));

    private static IEnumerable<string> References(string room, string kind)
        => XDocument.Parse(Repository.Read($"src/{room}/{room}.csproj")).Descendants(kind).Select(r => r.Attribute("Include")!.Value);
}
