using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace ActorServer.Admin;

/// <summary>Who may do what: changes need the token when there is one, reading from elsewhere too; foreign pages get nothing.</summary>
internal sealed class AdminGuard(RequestDelegate next, AdminOptions options, Log log)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        // Health says nothing worth hiding, and balancers ask by any name or none.
        if (IsForeign(request) && !IsHealth(request.Path))
        {
            return AdminProblems.Write(
                context, StatusCodes.Status403Forbidden,
                "Pages of other sites may not talk to this server: address it by an IP address, localhost or the machine's name.");
        }

        var isChange = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        if (options.Token is { } token && NeedsToken(context, isChange) && !HasToken(request, token))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return AdminProblems.Write(
                context, StatusCodes.Status401Unauthorized,
                "This needs the token of ActorServer:Admin:Token, as \"Authorization: Bearer TOKEN\".");
        }

        if (isChange)
        {
            log.Change(
                request.Method, request.Path, options.Token is null ? "anybody" : "the token's bearer",
                context.Connection.RemoteIpAddress, context.Connection.RemotePort);
        }

        return next(context);
    }

    private bool NeedsToken(HttpContext context, bool isChange)
        => isChange || (!IsLocal(context.Connection.RemoteIpAddress) && !options.AllowAnonymous && !IsHealth(context.Request.Path));

    private static bool IsHealth(PathString path) => path == "/livez" || path == "/readyz";

    private static bool IsLocal(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);

    private static bool HasToken(HttpRequest request, string token)
        => request.Headers.Authorization.ToString() is { } header
            && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(header["Bearer ".Length..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    // A page that rebinds its own name to this address still sends its own name; an address cannot be rebound.
    private static bool IsForeign(HttpRequest request)
    {
        var host = request.Host.Host;
        var known = IPAddress.TryParse(host.Trim('[', ']'), out _)
            || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);
        var origin = request.Headers[HeaderNames.Origin].ToString();
        return !known
            || (origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
    }
}
