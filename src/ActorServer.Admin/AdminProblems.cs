using ActorServer.Actors;
using Microsoft.AspNetCore.Diagnostics;

namespace ActorServer.Admin;

/// <summary>What went wrong, as ProblemDetails with a sentence that helps.</summary>
internal static class AdminProblems
{
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    // Purposefully not left to what the client accepts: ProblemDetails is what there is to say.
    public static Task Write(HttpContext context, int status, string detail) => Problem(status, detail).ExecuteAsync(context);

    /// <summary>An answer that has a status and no body yet, as routing gives it.</summary>
    public static Task Explain(StatusCodeContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        return Write(context.HttpContext, response.StatusCode, response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {request.Path}: the calls are /livez, /readyz and those below /api.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Method} is not for {request.Path}: use {response.Headers.Allow}.",
            _ => $"{request.Method} {request.Path} cannot be answered.",
        });
    }

    public static ExceptionHandlerOptions OnException() => new()
    {
        ExceptionHandler = Handle,
        // What a client did wrong, or what the node refuses, is an answer: no error of ours, and not for the log.
        SuppressDiagnosticsCallback = static context
            => context.Exception is BadHttpRequestException or DrainRefusedException or TimeoutException,
    };

    private static Task Handle(HttpContext context) => context.Features.Get<IExceptionHandlerFeature>()?.Error switch
    {
        BadHttpRequestException bad => Write(context, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? "The body is too large: 64 KiB at most."
            : bad.Message),
        DrainRefusedException refused => Write(context, StatusCodes.Status409Conflict, refused.Message),
        TimeoutException timeout => Write(context, StatusCodes.Status503ServiceUnavailable, timeout.Message),
        _ => Write(context, StatusCodes.Status500InternalServerError, "The admin side failed; the server's log says why."),
    };
}
