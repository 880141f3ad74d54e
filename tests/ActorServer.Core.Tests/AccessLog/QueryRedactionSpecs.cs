namespace ActorServer.Core.Tests.AccessLog;

/// <summary>Values that are not to be written are not, however the query is put.</summary>
public sealed class QueryRedactionSpecs
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/?", "/?")]
    [InlineData("/token=1", "/token=1")]
    [InlineData("/?token=1", "/?token=REDACTED")]
    [InlineData("/?TOKEN=1&a=2", "/?TOKEN=REDACTED&a=2")]
    [InlineData("/?a=2&%74oken=1", "/?a=2&%74oken=REDACTED")]
    [InlineData("/?token=1&token=2", "/?token=REDACTED&token=REDACTED")]
    [InlineData("/?token=", "/?token=REDACTED")]
    [InlineData("/?token", "/?token")]
    [InlineData("/?token=a=b", "/?token=REDACTED")]
    [InlineData("/?tokens=1", "/?tokens=1")]
    [InlineData("/?&&a=1&", "/?&&a=1&")]
    [InlineData("/?sig=1?token=2", "/?sig=REDACTED")]
    [InlineData("http://x/?token=1#part", "http://x/?token=REDACTED#part")]
    public void Named_ones(string address, string written)
        => Assert.Equal(written, QueryRedaction.Parse("token, sig")!.Apply(address));

    [Theory]
    [InlineData("/a", "/a")]
    [InlineData("/?a=1&b=2", "/?a=REDACTED&b=REDACTED")]
    [InlineData("/?secret", "/?REDACTED")]
    [InlineData("/?=secret", "/?REDACTED")]
    [InlineData("http://x/?a=1#token=secret", "http://x/?a=REDACTED")]
    public void All(string address, string written) => Assert.Equal(written, QueryRedaction.Parse("*")!.Apply(address));

    [Fact]
    public void None_unless_told() => Assert.Null(QueryRedaction.Parse(null));

    [Theory]
    [InlineData("*", true)]
    [InlineData("a", true)]
    [InlineData("a,b", true)]
    [InlineData("", false)]
    [InlineData("a,,b", false)]
    [InlineData(" ", false)]
    public void What_may_be_configured(string text, bool allowed) => Assert.Equal(allowed, QueryRedaction.IsValid(text));
}
