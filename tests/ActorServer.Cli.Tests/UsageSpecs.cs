using ActorServer.Cli.Linking;
using ActorServer.Cli.Tests.Support;

namespace ActorServer.Cli.Tests;

/// <summary>What is not a command line is told in one sentence, before anybody is asked.</summary>
public sealed class UsageSpecs
{
    // A port that nobody can listen on: whoever came so far would not end with 64.
    private const string Nobody = "127.0.0.1:1";

    [Theory]
    [InlineData("There is no verb \"drian\"; there are status, connections", "drian")]
    [InlineData("What is to be done?")]
    [InlineData("Required argument missing", "connection")]
    [InlineData("Unrecognized command or argument '--harder'", "drain", "--harder")]
    [InlineData("--budget cannot be \"5parsecs\": write 500ms", "drain", "--budget", "5parsecs")]
    [InlineData("--lame-duck cannot be \"-1s\"", "drain", "--lame-duck=-1s")]
    [InlineData("lameDuck cannot be 2h: it is 0 to 1h.", "drain", "--lame-duck", "2h")]
    [InlineData("spread cannot be 2h", "leave", "--spread", "2h")]
    [InlineData("--timeout cannot be \"soon\"", "status", "--timeout", "soon")]
    [InlineData("--timeout cannot be \"0\": it is more than 0", "status", "--timeout", "0")]
    [InlineData("--timeout cannot be \"infinite\"", "status", "--timeout", "infinite")]
    [InlineData("--node cannot be \"a b\": write HOST", "status", "--node", "a b")]
    [InlineData("--node cannot be \"http://127.0.0.1:5081\"", "status", "--node", "http://127.0.0.1:5081")]
    [InlineData("--node cannot be \"127.0.0.1:99999\"", "status", "--node", "127.0.0.1:99999")]
    [InlineData("is an address with TLS: give --ca, --cert and --key.", "status", "--node", "akka.ssl.tcp://ActorServer@127.0.0.1:1")]
    [InlineData("TLS needs all three", "status", "--cert", "operator.pem")]
    [InlineData("cannot be used: Could not find", "status", "--ca", "/no/ca", "--cert", "/no/cert", "--key", "/no/key")]
    [InlineData("--state cannot be \"busy\": it is one of New, Active, Idle, Upgraded, Closed.", "connections", "--state", "busy")]
    [InlineData("--limit cannot be \"0\": it is 1 to 1000.", "connections", "--limit", "0")]
    [InlineData("cursor is what the page before called next.", "connections", "--cursor", "x")]
    [InlineData("olderThan cannot be infinite.", "connections", "--older-than", "infinite")]
    [InlineData("reason is at most 200 characters", "resume", "--reason", "a\nb")]
    [InlineData("id is at most 200 characters", "connection", "a\nb")]
    [InlineData("id is at most 200 characters", "close", "a\nb")]
    [InlineData("--on cannot be \"a\uFFFDb\": it is 1 to 200 characters", "status", "--on", "a\nb")]
    [InlineData("--on cannot be \"a\uFFFDb\": it is 1 to 200 characters", "watch", "--on", "a\nb")]
    [InlineData("--on cannot be \"\"", "suspend", "--on", "")]
    [InlineData("HOST:PORT cannot be \"a b\": write HOST", "down", "a b")]
    [InlineData("Required argument missing", "down")]
    [InlineData("There is no completion for \"tcsh\"", "completion", "tcsh")]
    [InlineData("--days cannot be \"0\"", "certs", "--days", "0")]
    [InlineData("--host cannot be \"a/b\"", "certs", "--host", "a/b")]
    public async Task What_cannot_be_is_told_in_a_sentence(string sentence, params string[] args)
    {
        string[] all = args.Contains("--node") ? args : [.. args, "--node", Nobody];

        var run = await Run.ExpectAsync(ExitCode.Usage, args.Length == 0 ? [] : all);

        Assert.StartsWith("actorctl: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task The_environment_is_read_and_judged_like_the_command_line()
    {
        Assert.Contains(
            "--node cannot be \"a b\"",
            (await Run.ExpectAsync(ExitCode.Usage, ["status"], new() { ["ACTORCTL_NODE"] = "a b" })).Error, StringComparison.Ordinal);
        Assert.Contains(
            "--timeout cannot be \"soon\"",
            (await Run.ExpectAsync(ExitCode.Usage, ["status"], new() { ["ACTORCTL_TIMEOUT"] = "soon" })).Error, StringComparison.Ordinal);
        Assert.Contains(
            "TLS needs all three",
            (await Run.ExpectAsync(ExitCode.Usage, ["status"], new() { ["ACTORCTL_CA"] = "ca.pem" })).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web-1", "akka.tcp://ActorServer@web-1:4053")]
    [InlineData("web-1:7000", "akka.tcp://ActorServer@web-1:7000")]
    [InlineData("localhost", "akka.tcp://ActorServer@127.0.0.1:4053")]
    [InlineData("[::1]:7000", "akka.tcp://ActorServer@[::1]:7000")]
    [InlineData("akka.tcp://shop@10.0.0.1:7000", "akka.tcp://shop@10.0.0.1:7000")]
    [InlineData("akka.tcp://shop@10.0.0.1:7000/user/actor-server", "akka.tcp://shop@10.0.0.1:7000")]
    public void A_node_is_written_short_or_in_full(string text, string address)
        => Assert.Equal(address, NodeAddress.Parse(text, tls: false).ToString());

    [Fact]
    public async Task Help_names_verbs_examples_the_environment_and_exit_codes()
    {
        var help = (await Run.ExpectAsync(ExitCode.Done, "--help")).Out;

        Assert.All(
            (string[])["Usage:", "drain ", "certs ", "Examples:", "ACTORCTL_NODE", "NO_COLOR", "64 usage"],
            word => Assert.Contains(word, help, StringComparison.Ordinal));
        Assert.Contains("--lame-duck <DURATION>", (await Run.ExpectAsync(ExitCode.Done, "drain", "--help")).Out, StringComparison.Ordinal);
    }
}
