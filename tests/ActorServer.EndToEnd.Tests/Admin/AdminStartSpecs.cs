using ActorServer.Admin;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class AdminStartSpecs
{
    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://192.0.2.7:5081")]
    [InlineData("http://[::]:0")]
    public async Task Open_to_others_by_accident_is_no_start(string url)
    {
        var failures = await RefusedAsync(("Url", url));

        var failure = Assert.Single(failures);
        Assert.Contains($"ActorServer:Admin:Url \"{url}\"", failure, StringComparison.Ordinal);
        Assert.Contains("beyond loopback", failure, StringComparison.Ordinal);
        Assert.Contains("ActorServer:Admin:Token", failure, StringComparison.Ordinal);
        Assert.Contains("ActorServer:Admin:AllowAnonymous=true", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Url", "https://127.0.0.1:0", "an http URL")]
    [InlineData("Url", "127.0.0.1:5081", "an http URL")]
    [InlineData("Url", "http://admin.example:5081", "an http URL")]
    [InlineData("Url", "http://*:5081", "an http URL")]
    [InlineData("Url", "http://+:5081", "an http URL")]
    [InlineData("Url", "http://127.0.0.1:5081/admin", "an http URL")]
    [InlineData("Url", "http://127.0.0.1:99999", "an http URL")]
    [InlineData("Url", "http://127.0.0.1:1;http://127.0.0.1:2", "an http URL")]
    [InlineData("Url", " http://127.0.0.1:0", "an http URL")]
    [InlineData("Url", "http://localhost:0", "an http URL")]
    [InlineData("Url", "", "an http URL")]
    [InlineData("AllowAnonymous", "perhaps", "true or false")]
    [InlineData("AllowAnonymous", "", "true or false")]
    public async Task A_value_that_is_not_allowed_is_no_start(string key, string value, string allowed)
    {
        var failure = Assert.Single(await RefusedAsync((key, value)));

        Assert.StartsWith(
            $"ActorServer:Admin:{key} cannot be \"{value}\"; allowed: {allowed}", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("fifteen-letters")]
    [InlineData("sixteen letters and a space")]
    [InlineData("sixteen-létters-")]
    public async Task A_token_that_is_not_allowed_is_no_start_and_is_not_shown(string token)
    {
        var failure = Assert.Single(await RefusedAsync(("Token", token)));

        Assert.Contains("ActorServer:Admin:Token", failure, StringComparison.Ordinal);
        Assert.Contains("at least 16", failure, StringComparison.Ordinal);
        Assert.DoesNotContain(token, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        var failures = await RefusedAsync(
            ("Url", "nowhere"), ("Token", "short"), ("AllowAnonymous", "perhaps"), ("Tokn", "Sesame-opens-0123"));

        Assert.Equal(4, failures.Count);
        var unknown = Assert.Single(failures, f => f.Contains("Tokn", StringComparison.Ordinal));
        Assert.Equal(
            "ActorServer:Admin:Tokn is not a setting; "
                + "the settings here are Admin:Url, Admin:Token, Admin:AllowAnonymous.",
            unknown);
    }

    [Fact]
    public async Task Options_set_in_code_are_checked_like_any()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => AdminSite.StartAsync(options => (options.Url, options.Token) = ("http://127.0.0.1:0", "short")));

        Assert.Contains("ActorServer:Admin:Token", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_has_the_last_word()
    {
        await using var site = await AdminSite.StartAsync(
            options => options.Url = "http://127.0.0.1:1",
            configure: builder => builder.Configuration["ActorServer:Admin:Url"] = "http://127.0.0.1:0");

        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    [Fact]
    public async Task A_port_in_use_is_no_start_and_says_which_and_what_sets_it()
    {
        await using var first = await AdminSite.StartAsync();
        var taken = first.Address.GetLeftPart(UriPartial.Authority);

        var exception = await Assert.ThrowsAsync<IOException>(
            () => AdminSite.StartAsync(options => options.Url = taken));

        Assert.Contains(taken, exception.Message, StringComparison.Ordinal);
        Assert.Contains("already in use", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ActorServer:Admin:Url", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:0/")]
    [InlineData("http://[::1]:0")]
    public async Task It_listens_where_it_says(string url)
    {
        await using var site = await AdminSite.StartAsync(options => options.Url = url);

        Assert.NotEqual(0, site.Address.Port);
        Assert.Equal("Serving", (await site.ReadAsync("/api/status")).Text("phase"));
    }

    private static async Task<IReadOnlyList<string>> RefusedAsync(params (string Key, string Value)[] settings)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var server = await StartedServer.StartAsync(_ => { }, builder =>
            {
                foreach (var (key, value) in settings)
                {
                    builder.Configuration[$"ActorServer:Admin:{key}"] = value;
                }

                builder.AddActorServerAdmin();
            });
        });
        Assert.Equal(typeof(AdminOptions), exception.OptionsType);
        return [.. exception.Failures];
    }
}
