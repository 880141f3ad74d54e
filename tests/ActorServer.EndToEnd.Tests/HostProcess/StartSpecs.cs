using System.Net;
using System.Net.Sockets;

namespace ActorServer.EndToEnd.Tests.HostProcess;

public sealed class StartSpecs
{
    [Theory]
    [InlineData("ActorServer:Drain:LameDuck", "1x", "0 to 1h (write 500ms, 5s, 2m, 1h or 00:00:05)")]
    [InlineData("ActorServer:Drain:Budget", "-1s", "0 to 168h or infinite")]
    [InlineData("ActorServer:Drain:HandleSignals", "perhaps", "true or false")]
    [InlineData("ActorServer:Node", "no name", "1 to 64 letters, digits, dots, dashes or underscores")]
    [InlineData("ActorServer:Admin:AllowAnonymous", "perhaps", "true or false")]
    [InlineData("ActorServer:Admin:Url", "http://admin.example", "an http URL of an IP address")]
    [InlineData("ActorServer:Cluster:Hostname", "0.0.0.0", "a host name or IP address")]
    [InlineData("ActorServer:Cluster:Port", "65536", "0 to 65535")]
    [InlineData("ActorServer:Cluster:SeedNodes", "127.0.0.1", "host:port")]
    [InlineData("ActorServer:Cluster:Roles", "no role", "names, separated by commas")]
    [InlineData("ActorServer:Cluster:Tls:Key", "/there/is/none.pem", "the path of a PEM file")]
    [InlineData("ActorServer:Cluster:AllowInsecure", "perhaps", "true or false")]
    public async Task A_bad_value_is_told_with_its_key_and_what_is_allowed(string key, string value, string allowed)
    {
        await using var host = RunningHost.Start($"--{key}={value}", "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(host, $"{key} cannot be \"{value}\"; allowed: {allowed}");
    }

    [Theory]
    [InlineData("Drain:Budget=short", "Drain:Spead=short", "Drain:Budget cannot be \"short\"", "Drain:Spead is not")]
    [InlineData("Admin:Url=short", "Admin:Tokn=short", "Admin:Url cannot be \"short\"", "Admin:Tokn is not")]
    public async Task All_that_is_wrong_with_a_section_is_told_at_once(
        string one, string two, string says, string saysToo)
    {
        await using var host = RunningHost.Start(
            $"--ActorServer:{one}", $"--ActorServer:{two}", "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(host, $"ActorServer:{says}", $"ActorServer:{saysToo} a setting");
    }

    [Fact]
    public async Task A_token_is_not_shown_when_it_is_refused()
    {
        await using var host = RunningHost.Start("--ActorServer:Admin:Token=short", "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(host, "ActorServer:Admin:Token cannot be the value given; allowed: at least 16");
        Assert.DoesNotContain("short", host.Output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_side_that_would_be_open_by_accident_is_no_start()
    {
        await using var host = RunningHost.Start(
            "--ActorServer:Admin:Url=http://0.0.0.0:0", "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(
            host, "beyond loopback", "ActorServer:Admin:Token", "ActorServer:Admin:AllowAnonymous=true");
    }

    [Theory]
    [InlineData("--urls=nowhere", "nowhere")]
    [InlineData("--Logging:LogLevel:Default=Loud", "Loud")]
    [InlineData("-x=1", "-x=1")]
    public async Task A_setting_of_others_that_is_wrong_is_told_in_a_sentence_too(string option, string says)
    {
        await using var host = RunningHost.Start("--urls=http://127.0.0.1:0", option, "--ActorServer:Drain:LameDuck=0");

        await AssertRefusedAsync(host, says);
    }

    // The command line is the strongest; the host's own default is the weakest.
    [Theory]
    [InlineData("http://127.0.0.2:0", null, "127.0.0.2")]
    [InlineData("http://127.0.0.2:0", "http://127.0.0.3:0", "127.0.0.3")]
    public async Task The_address_comes_from_where_it_usually_does(string variable, string? option, string listens)
    {
        await using var host = await RunningHost.StartWithVariableAsync(
            "ASPNETCORE_URLS", variable, option is null ? [] : [$"--urls={option}"]);

        Assert.Equal(listens, host.Application.Host);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_a_sentence()
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();

        await using var application = RunningHost.Start($"--urls=http://{taken.LocalEndPoint}");
        await using var admin = RunningHost.Start(
            $"--ActorServer:Admin:Url=http://{taken.LocalEndPoint}", "--urls=http://127.0.0.1:0");
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        await using var remoting = RunningHost.Start($"--ActorServer:Cluster:Port={port}", "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(application, $"http://{taken.LocalEndPoint}", "already in use");
        await AssertRefusedAsync(admin, $"http://{taken.LocalEndPoint}", "already in use", "ActorServer:Admin:Url");
        await AssertRefusedAsync(remoting, $"127.0.0.1:{port}", "already in use", "ActorServer:Cluster:Hostname and Port");
    }

    [Theory]
    [InlineData("--ActorServer:Cluster:Hostname=192.0.2.1")]
    [InlineData("--ActorServer:Cluster:Hostname=node.example")]
    [InlineData("--ActorServer:Cluster:Hostname=::ffff:192.0.2.1")]
    public async Task Remoting_that_would_be_open_by_accident_is_no_start(string option)
    {
        await using var host = RunningHost.Start(option, "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(host, "beyond loopback", "ActorServer:Cluster:Tls", "ActorServer:Cluster:AllowInsecure=true");
    }

    [Fact]
    public async Task Remoting_with_half_of_its_certificates_is_no_start()
    {
        await using var host = RunningHost.Start(
            $"--ActorServer:Cluster:Tls:Key={typeof(StartSpecs).Assembly.Location}", "--urls=http://127.0.0.1:0");

        await AssertRefusedAsync(host, "needs all of Certificate, Key and Authority");
    }

    // Whatever is wrong: people read the last lines, and scripts the code. 134 would be a crash.
    private static async Task AssertRefusedAsync(RunningHost host, params string[] says)
    {
        Assert.Equal(64, await host.ExitAsync());
        Assert.StartsWith("ActorServer does not start: ", host.Output.Errors, StringComparison.Ordinal);
        Assert.All(says, text => Assert.Contains(text, host.Output.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", host.Output.Errors, StringComparison.Ordinal);
    }
}
