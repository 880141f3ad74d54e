using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>
/// The last to hear of an exception, outside of all that the application has put in its way: before the response has begun it
/// becomes a 500 with the request's id; after that it is the server's, which cuts the connection or stream.
/// </summary>
internal sealed class FailureAnswer(IHostEnvironment environment, DiagnosticListener diagnostics, Log log) : IStartupFilter
{
    // What the developer's page says, and who records exceptions listens to.
    private const string Unhandled = "Microsoft.AspNetCore.Diagnostics.UnhandledException";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(Outermost);
        next(app);
    };

    private RequestDelegate Outermost(RequestDelegate next) => context =>
    {
        try
        {
            var task = next(context);
            return task.IsCompletedSuccessfully ? task : AwaitAsync(task, context);
        }
        catch (Exception exception) when (IsAnswerable(exception, context))
        {
            return AnswerAsync(exception, context);
        }
    };

    private async Task AwaitAsync(Task task, HttpContext context)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (IsAnswerable(exception, context))
        {
            await AnswerAsync(exception, context);
        }
    }

    // Also where it is the server's to handle, the access log learns of it here.
    private static bool IsAnswerable(Exception exception, HttpContext context)
    {
        // A bad request is the server's to refuse; who has gone gets no answer.
        var began = context.Response.HasStarted;
        var left = exception is (OperationCanceledException or IOException) && HasGone(context);
        var answerable = !began && !left && exception is not BadHttpRequestException;
        context.Features.Get<LoggedRequest>()?.Threw(new(answerable, left, began));
        return answerable;
    }

    // A reading that failed may have told the application before it told the token.
    private static bool HasGone(HttpContext context)
        => context.RequestAborted.IsCancellationRequested
            || context.Features.Get<TrackedConnection>() is { } connection && (connection.IsAbortOrdered || connection.SeesPeerGone());

    private async Task AnswerAsync(Exception exception, HttpContext context)
    {
        log.Unhandled(exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("error.type", exception.GetType().FullName));
        if (diagnostics.IsEnabled(Unhandled))
        {
            diagnostics.Write(Unhandled, new { httpContext = context, timestamp = Stopwatch.GetTimestamp(), exception });
        }

        try
        {
            context.Response.Clear();
            context.Response.Headers.CacheControl = "no-cache,no-store";
            var problem = await WriteProblemAsync(exception, context);
            context.Response.ContentLength = problem.Length;
            await context.Response.Body.WriteAsync(problem);
        }
        catch (Exception second) when (second is not OutOfMemoryException)
        {
            // A callback of the application threw as the answer was to begin: the server answers by itself, or cuts.
            context.Features.Get<LoggedRequest>()?.Threw(new(Answered: false, Left: false, Began: context.Response.HasStarted));
            ExceptionDispatchInfo.Throw(exception);
        }
    }

    // Aside, by whatever the application writes its problems with. In the server's own pipe it would stay, and go out before the
    // headers of another answer, if a callback of the application threw as the response began.
    private async Task<ReadOnlyMemory<byte>> WriteProblemAsync(Exception exception, HttpContext context)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using MemoryStream problem = new();
        context.Response.Body = problem;
        try
        {
            await Results.Problem(
                detail: environment.IsDevelopment() ? exception.ToString() : null,
                statusCode: StatusCodes.Status500InternalServerError,
                extensions: [new("requestId", context.TraceIdentifier)]).ExecuteAsync(context);
            await context.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            context.Features.Set(body);
        }

        return problem.ToArray();
    }
}
