using ActorServer.Actors;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace ActorServer.Admin;

/// <summary>What went wrong, as ProblemDetails with a sentence that helps.</summary>
internal static class AdminProblems
{
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    public static Task Write(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            new() { HttpContext = context, ProblemDetails = new ProblemDetails { Status = status, Detail = detail } }).AsTask();
    }

    public static void Handle(IApplicationBuilder app) => app.Run(context => context.Features.Get<IExceptionHandlerFeature>()?.Error switch
    {
        BadHttpRequestException bad => Write(context, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? "The body is too large: 64 KiB at most."
            : bad.Message),
        DrainRefusedException refused => Write(context, StatusCodes.Status409Conflict, refused.Message),
        TimeoutException timeout => Write(context, StatusCodes.Status503ServiceUnavailable, timeout.Message),
        _ => Write(context, StatusCodes.Status500InternalServerError, "The admin side failed; the server's log says why."),
    });
}
