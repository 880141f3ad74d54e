using System.Net;
using System.Text.Json;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>What tests ask of the admin side's answers.</summary>
internal static class Answers
{
    /// <summary>The JSON of an answer with this status.</summary>
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body);
    }

    /// <summary>The answer is ProblemDetails of this status, with a detail that contains all this.</summary>
    public static async Task ProblemAsync(this HttpResponseMessage response, int status, params string[] says)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        ReadProblem(body, status, says);
    }

    /// <summary>The text is ProblemDetails of this status, with a detail that contains all this.</summary>
    public static void ReadProblem(string body, int status, params string[] says)
    {
        var problem = JsonElement.Parse(body);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.True(problem.TryGetProperty("detail", out var detail), $"no detail: {body}");
        Assert.All(says, text => Assert.Contains(text, detail.GetString()!, StringComparison.Ordinal));
    }

    /// <summary>The names of an object, in their order.</summary>
    public static IEnumerable<string> Names(this JsonElement json) => json.EnumerateObject().Select(p => p.Name);

    public static string? Text(this JsonElement json, string name) => json.GetProperty(name).GetString();

    public static long Number(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    public static DateTimeOffset Instant(this JsonElement json, string name)
        => json.GetProperty(name).GetDateTimeOffset();

    /// <summary>The texts under a name, in an array of objects.</summary>
    public static IEnumerable<string> Texts(this JsonElement array, string name)
        => array.EnumerateArray().Select(e => e.Text(name)!);

    /// <summary>The numbers under these names.</summary>
    public static IEnumerable<long> Numbers(this JsonElement json, params string[] names)
        => names.Select(n => json.Number(n));
}
