namespace ActorServer.Core.Tests.AccessLog;

/// <summary>An id of a client's is taken only if it can stand anywhere as it is.</summary>
public sealed class RequestIdSpecs
{
    [Theory]
    [InlineData("a")]
    [InlineData("7f3a1c9e-0b1d-4f55-9d1f-2d8f6f0f7a11")]
    [InlineData("req_01HZ.2~x")]
    [InlineData("Zm9v/YmFy+YmF6=")]
    [InlineData("1:2@3")]
    public void These_are_taken(string id) => Assert.True(RequestId.IsValid(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("a\r\nSet-Cookie: b")]
    [InlineData("a\"b")]
    [InlineData("a\\b")]
    [InlineData("a,b")]
    [InlineData("a;b")]
    [InlineData("<a>")]
    [InlineData("{a}")]
    [InlineData("ä")]
    [InlineData("\u007f")]
    public void These_are_not(string? id) => Assert.False(RequestId.IsValid(id));

    [Fact]
    public void The_longest_has_128_characters()
    {
        Assert.True(RequestId.IsValid(new string('a', 128)));
        Assert.False(RequestId.IsValid(new string('a', 129)));
    }
}
