using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ActorServer.EndToEnd.Tests;

/// <summary>Options come from the configuration, and a bad one stops the start.</summary>
public sealed class OptionsSpecs
{
    [Theory]
    [InlineData("Drain:Budget", "soon", "or infinite")]
    [InlineData("Drain:LameDuck", "-1s", "0 to 1h")]
    [InlineData("Drain:LameDuck", "infinite", "0 to 1h")]
    [InlineData("Drain:SilentGrace", "2h", "0 to 1m")]
    [InlineData("Drain:ExitWait", "0", "1s to 10m")]
    [InlineData("Drain:HandleSignals", "maybe", "true or false")]
    [InlineData("Node", "no spaces", "1 to 64 letters")]
    public async Task A_bad_value_stops_the_start_and_says_what_is_allowed(string key, string value, string allowed)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((key, value)));

        Assert.Contains($"ActorServer:{key}", exception.Message, StringComparison.Ordinal);
        Assert.Contains(value, exception.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_does_not_exist_stops_the_start_and_those_that_do_are_named()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(("Drain:Buget", "22s")));

        Assert.Contains("ActorServer:Drain:Buget is not a setting", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Drain:Budget", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("Drain:Budget", "soon"), ("Drain:Spread", "wide")));

        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public async Task The_configuration_has_the_last_word()
    {
        await using var server = await StartAsync(("Drain:Budget", "90s"), ("Drain:LameDuck", "00:00:00.250"), ("Node", "blue"));

        var report = await server.Server.DrainAsync();

        Assert.Equal("blue", server.Server.Node);
        Assert.Equal(TimeSpan.FromSeconds(90), report.Deadline - report.StartedAt);
        Assert.Equal(TimeSpan.FromMilliseconds(250), report.LameDuckUntil - report.StartedAt);
        Assert.Equal(
            Duration.Zero, server.Services.GetRequiredService<IOptions<ActorServerOptions>>().Value.Drain.Spread!.Value);
    }

    private static Task<StartedServer> StartAsync(params (string Key, string Value)[] settings)
        => TestApplication.StartAsync(configure: builder => builder.Configuration.AddInMemoryCollection(
            settings.ToDictionary(s => $"ActorServer:{s.Key}", s => (string?)s.Value)));
}
